import Values

/// What is known of images without having them.
enum WellKnownImages {
  /// How containers of an image behave when they are given no command.
  struct Profile: Sendable {
    enum Kind: Sendable {
      /// Runs until it is stopped.
      case server
      /// A shell or an interpreter: without a terminal it has nothing to do and ends.
      case shell
      /// Writes its lines and ends.
      case task
    }

    var kind = Kind.server
    /// In bytes.
    var size: Int64 = 0
    /// Where it listens without being told.
    var ports: [Int] = []
    /// `%h` is the host name, `%u` the user, `%t` the time.
    var log: [String] = []
    /// Where it takes pages from, and where its configuration is, for servers of files.
    var pages: (root: String, configuration: String)?
  }

  static func profile(_ image: String) -> Profile { profiles[ImageReference(image).short] ?? Profile() }

  /// By the last part of the name.
  private static let profiles: [String: Profile] = [
    "nginx": Profile(
      size: 72_223_946, ports: [80],
      log: [
        "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration",
        "/docker-entrypoint.sh: Configuration complete; ready for start up",
        "[notice] 1#1: using the \"epoll\" event method", "[notice] 1#1: start worker processes",
      ], pages: ("usr/share/nginx/html", "etc/nginx")),
    "httpd": Profile(
      size: 58_870_000, ports: [80],
      log: ["[mpm_event:notice] AH00489: Apache configured -- resuming normal operations"],
      pages: ("usr/local/apache2/htdocs", "usr/local/apache2/conf")),
    "hpa-example": Profile(
      size: 163_000_000, ports: [80],
      log: ["[mpm_prefork:notice] AH00163: Apache/2.4.10 (Debian) PHP/5.6.40 configured -- resuming normal operations"]),
    "redis": Profile(
      size: 52_546_111, ports: [6379],
      log: ["* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo", "* Ready to accept connections tcp"]),
    "postgres": Profile(
      size: 160_000_000, ports: [5432], log: ["LOG:  database system is ready to accept connections"]),
    "mysql": Profile(
      size: 230_000_000, ports: [3306], log: ["[Server] /usr/sbin/mysqld: ready for connections. port: 3306"]),
    "mariadb": Profile(
      size: 120_000_000, ports: [3306], log: ["[Note] mariadbd: ready for connections. port: 3306"]),
    "mongo": Profile(size: 270_000_000, ports: [27017], log: ["Waiting for connections on port 27017"]),
    "coredns": Profile(size: 22_300_000, log: [".:53", "CoreDNS-1.12.1", "linux/amd64"]),
    "memcached": Profile(size: 33_000_000, ports: [11211]),
    "rabbitmq": Profile(size: 110_000_000, ports: [5672], log: ["Server startup complete"]),
    "traefik": Profile(size: 50_000_000, ports: [80]), "haproxy": Profile(size: 40_000_000),
    "pause": Profile(size: 320_448), "busybox": Profile(kind: .shell, size: 2_217_006),
    "alpine": Profile(kind: .shell, size: 3_626_897), "ubuntu": Profile(kind: .shell, size: 29_735_000),
    "debian": Profile(kind: .shell, size: 48_490_000), "bash": Profile(kind: .shell, size: 6_100_000),
    "centos": Profile(kind: .shell, size: 83_500_000), "fedora": Profile(kind: .shell, size: 60_000_000),
    "node": Profile(size: 380_000_000), "python": Profile(size: 365_000_000),
    "perl": Profile(size: 336_365_250),
    "kubernetes-bootcamp": Profile(
      size: 82_000_000, log: ["Kubernetes Bootcamp App Started At: %t | Running On:  %h ", ""]),
    "nonewprivs": Profile(kind: .task, size: 3_000_000, log: ["Effective uid: %u"]),
    "hello-world": Profile(
      kind: .task, size: 10_072,
      log: ["", "Hello from Docker!", "This message shows that your installation appears to be working correctly.", ""]),
  ]

  static func size(_ name: ImageReference) -> Int64 {
    let known = profiles[name.short]?.size ?? 0
    return known > 0 ? known : 5_000_000 + Int64(fingerprint(name.full) % 95_000_000)
  }

  static func fingerprint(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash ^ hash >> 31
  }

  /// 64 hexadecimal digits that depend on the text alone.
  static func digest(_ text: String) -> String {
    (0..<4).map { part in
      let digits = String(fingerprint("\(part)/\(text)"), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
