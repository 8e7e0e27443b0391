/// What the servers of well-known images say to a client, by the last part of the image's name. An image that is not here
/// answers on the ports that its container declares.
///
/// The annotations `listen`, `response`, `response-code` and `response-type` say it of any other.
enum ImageAnswers {
  enum Manner: Sendable, Equatable {
    /// Files, and a page of welcome where nothing is mounted.
    case pages(title: String)
    /// A text; `%h` is the host name, `%p` the path, `%i` the address.
    case text(String)
    /// What was asked, in lines.
    case echo
    /// `/echo?msg=`, `/hostname`, `/clientip`, `/healthz`: the helper of Kubernetes' own tests.
    case agnhost
    /// What the argument `-text` says.
    case argument
    /// The protocol of Redis.
    case redis
    /// Takes connections and says nothing to strangers.
    case silent
    /// Not found, as a gateway without routes.
    case nothing
  }

  struct Answer: Sendable {
    let ports: [Int]
    let manner: Manner
    /// What a request costs it in CPU time, and how long that takes.
    var cpu = Duration.milliseconds(1)
    var time = Duration.zero
  }

  static let byImage: [String: Answer] = [
    "nginx": Answer(ports: [80], manner: .pages(title: "Welcome to nginx!")),
    "nginx-slim": Answer(ports: [80], manner: .pages(title: "Welcome to nginx!")),
    "nginx-unprivileged": Answer(ports: [8080], manner: .pages(title: "Welcome to nginx!")),
    "nautilus": Answer(ports: [80], manner: .pages(title: "")),
    "httpd": Answer(ports: [80], manner: .pages(title: "It works!")),
    "caddy": Answer(ports: [80], manner: .pages(title: "Caddy works!")),
    "agnhost": Answer(ports: [8080, 9376], manner: .agnhost),
    "serve_hostname": Answer(ports: [9376], manner: .text("%h\n")),
    "serve-hostname": Answer(ports: [9376], manner: .text("%h\n")),
    "echo-server": Answer(ports: [80, 8080], manner: .echo), "echoserver": Answer(ports: [8080], manner: .echo),
    "http-https-echo": Answer(ports: [8080, 8443], manner: .echo), "whoami": Answer(ports: [80], manner: .echo),
    "http-echo": Answer(ports: [5678], manner: .argument),
    "hello": Answer(ports: [80], manner: .text("Server address: %i:80\nServer name: %h\nURI: %p\n")),
    "hello-app": Answer(ports: [8080], manner: .text("Hello, world!\nVersion: 1.0.0\nHostname: %h\n")),
    "hello-kubernetes": Answer(ports: [8080], manner: .text("Hello world! This is %h\n")),
    "kubernetes-bootcamp": Answer(
      ports: [8080], manner: .text("Hello Kubernetes bootcamp! | Running on: %h | v=1\n")),
    "podinfo": Answer(
      ports: [9898], manner: .text("{\"hostname\": \"%h\", \"message\": \"greetings from podinfo\"}\n")),
    // What the walkthrough of horizontal autoscaling puts under load: one client keeps two thirds of a core busy.
    "hpa-example": Answer(
      ports: [80], manner: .text("OK!\n"), cpu: .milliseconds(70), time: .milliseconds(100)),
    "traefik": Answer(ports: [80], manner: .nothing), "redis": Answer(ports: [6379], manner: .redis),
    "postgres": Answer(ports: [5432], manner: .silent), "mysql": Answer(ports: [3306], manner: .silent),
    "mariadb": Answer(ports: [3306], manner: .silent), "mongo": Answer(ports: [27017], manner: .silent),
    "memcached": Answer(ports: [11211], manner: .silent), "rabbitmq": Answer(ports: [5672], manner: .silent),
  ]

  static func answer(_ image: String) -> Answer? { byImage[ImageReference(image).short] }

  /// A page in HTML with one line.
  static func page(title: String, text: String = "") -> String {
    "<!DOCTYPE html>\n<html>\n<head><title>\(title)</title></head>\n<body><h1>\(title)</h1>\n"
      + "<p>\(text.isEmpty ? "This page comes from a simulated container." : text)</p>\n</body>\n</html>\n"
  }
}
