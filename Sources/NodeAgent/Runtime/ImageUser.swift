/// Whom the processes of an image run as, where nobody says otherwise.
enum ImageUser: Equatable {
  case number(Int)
  /// Who that is stands in the image alone.
  case name(String)
  case unknown

  private static let numbers = [
    "nonroot": 1234, "nginx-unprivileged": 101, "pause": 65535, "elasticsearch": 1000, "kibana": 1000, "logstash": 1000,
    "grafana": 472,
  ]
  private static let names = [
    "memcached": "memcache", "haproxy": "haproxy", "coredns": "nonroot", "prometheus": "nobody", "jenkins": "jenkins",
    "curl": "curl_user",
  ]
  private static let ofRoot: Set<String> = [
    "nginx", "httpd", "redis", "postgres", "mysql", "mariadb", "mongo", "rabbitmq", "traefik", "caddy", "tomcat",
    "wordpress", "busybox", "alpine", "ubuntu", "debian", "bash", "centos", "fedora", "node", "python", "perl",
    "golang",
    "ruby", "php", "hello-world", "agnhost", "hpa-example", "kubernetes-bootcamp",
  ]
  private static let ownUser = ["docker.io/bitnami/": 1001, "cgr.dev/chainguard/": 65532]
  /// Whose images are the ones that everybody means.
  private static let wellKnown = ["docker.io/library/", "registry.k8s.io/", "gcr.io/google-samples/"]

  init(_ image: String) {
    let reference = ImageReference(image)
    let (repository, short) = (reference.repository, reference.short)
    if let id = Self.ownUser.first(where: { repository.hasPrefix($0.key) })?.value {
      self = .number(id)
    } else if repository.hasPrefix("gcr.io/distroless/") {
      self = .number(reference.tag.contains("nonroot") ? 65532 : 0)
    } else if let id = Self.numbers[short] {
      self = .number(id)
    } else if let name = Self.names[short] {
      self = .name(name)
    } else if Self.ofRoot.contains(short), Self.wellKnown.contains(where: repository.hasPrefix) {
      self = .number(0)
    } else {
      self = .unknown
    }
  }
}
