/// Files that come with images, by the last part of their name: the pages of servers of files.
enum ImageFiles {
  private static let byImage: [String: [String: String]] = [
    "nginx": nginx, "nginx-slim": nginx, "nginx-unprivileged": nginx,
    "httpd": [
      "usr/local/apache2/htdocs/index.html": ImageAnswers.page(title: "It works!"),
      "usr/local/apache2/conf/httpd.conf": "ServerRoot \"/usr/local/apache2\"\nListen 80\n",
    ],
    "nautilus": ["usr/share/nginx/html/data.json": "{\"image\": \"nautilus.jpg\"}\n"],
    "caddy": ["usr/share/caddy/index.html": ImageAnswers.page(title: "Caddy works!")],
  ]

  private static let nginx = [
    "usr/share/nginx/html/index.html": ImageAnswers.page(title: "Welcome to nginx!"),
    "usr/share/nginx/html/50x.html": ImageAnswers.page(title: "An error occurred."),
    "etc/nginx/nginx.conf": "worker_processes  auto;\nevents { worker_connections 1024; }\n"
      + "http {\n    include /etc/nginx/conf.d/*.conf;\n}\n",
    "etc/nginx/conf.d/default.conf": "server {\n    listen 80;\n    location / {\n"
      + "        root /usr/share/nginx/html;\n        index index.html index.htm;\n    }\n}\n",
  ]

  private static let ofDebian: Set<String> = [
    "debian", "haproxy", "httpd", "mariadb", "memcached", "nginx", "node", "perl", "postgres", "python", "rabbitmq",
    "redis",
  ]

  /// What an image says of its system; nil when it says nothing.
  static func release(_ image: String) -> String? {
    let name = ImageReference(image)
    if name.short == "alpine" || name.short == "bash" || name.tag.contains("alpine") {
      let isVersion = name.short == "alpine" && name.tag.first?.isNumber == true
      return release("Alpine Linux", id: "alpine", version: isVersion ? name.tag : "3.22.2")
    }
    if name.short == "busybox" { return nil }
    if name.short == "ubuntu" {
      return release("Ubuntu", id: "ubuntu", version: name.tag.first?.isNumber == true ? name.tag : "24.04")
    }
    if ofDebian.contains(name.short) {
      return "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n"
        + "VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n"
    }
    return "NAME=\"Swiftlet (simulated)\"\nID=swiftlet\n"
  }

  private static func release(_ name: String, id: String, version: String) -> String {
    let quoted = id == "alpine" ? version : "\"\(version)\""
    return "NAME=\"\(name)\"\nID=\(id)\nVERSION_ID=\(quoted)\nPRETTY_NAME=\"\(name) \(version)\"\n"
  }

  static func files(_ image: String) -> [String: String] { byImage[ImageReference(image).short] ?? [:] }
}
