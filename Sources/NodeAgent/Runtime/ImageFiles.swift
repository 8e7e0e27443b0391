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

  static func files(_ image: String) -> [String: String] { byImage[ImageReference(image).short] ?? [:] }
}
