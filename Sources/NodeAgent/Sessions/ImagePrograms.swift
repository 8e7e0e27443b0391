/// Which programs an image has, as far as its name tells: so that one that is not there is missed as in a real container.
enum ImagePrograms {
  /// Images without a shell or any other tool.
  private static let bare: Set<String> = [
    "pause", "hello-world", "coredns", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler",
    "kube-proxy", "metrics-server", "whoami", "http-echo", "scratch", "static", "static-debian12", "base-debian12",
  ]

  /// Images whose shell is not bash's; with bash come those of Debian and its like.
  private static let withoutBash: Set<String> = ["busybox", "alpine"]

  /// What else is there, by the last part of the image's name.
  private static let own: [String: Set<String>] = [
    "nginx": ["nginx", "nginx-debug"], "httpd": ["httpd", "apachectl", "ab", "htpasswd"],
    "redis": ["redis-server", "redis-cli", "redis-benchmark", "redis-sentinel"],
    "postgres": ["postgres", "psql", "pg_dump", "pg_restore", "pg_isready", "createdb", "initdb", "pg_ctl"],
    "mysql": ["mysqld", "mysql", "mysqladmin", "mysqldump"],
    "mariadb": ["mariadbd", "mariadb", "mysqladmin", "mariadb-admin"],
    "mongo": ["mongod", "mongosh", "mongo", "mongodump"], "node": ["node", "npm", "npx", "yarn"],
    "python": ["python", "python3", "pip", "pip3"], "perl": ["perl"], "rabbitmq": ["rabbitmqctl", "rabbitmq-server"],
    "agnhost": ["agnhost", "curl"], "traefik": ["traefik"], "haproxy": ["haproxy"], "memcached": ["memcached"],
    "bash": ["bash"],
  ]

  /// Images of servers that hold little beside them.
  private static let servers: Set<String> = [
    "haproxy", "httpd", "memcached", "nginx", "nginx-slim", "nginx-unprivileged", "postgres", "redis",
  ]
  private static let notInServers: Set<String> = [
    "git", "go", "iptables", "java", "jq", "kubectl", "modprobe", "node", "php", "python", "python2", "python3", "ruby",
    "ssh", "sudo",
  ]

  /// What such an image plainly lacks.
  static func lacked(_ image: String) -> Set<String> {
    servers.contains(ImageReference(image).short) ? notInServers : []
  }

  /// What runs in a container that is given no command.
  private static let mains: [String: String] = [
    "nginx": "nginx: master process nginx -g daemon off;", "httpd": "httpd -DFOREGROUND",
    "redis": "redis-server *:6379", "postgres": "postgres", "mysql": "mysqld", "mariadb": "mariadbd",
    "mongo": "mongod --bind_ip_all", "memcached": "memcached", "busybox": "sh", "alpine": "/bin/sh", "bash": "bash",
    "debian": "bash", "ubuntu": "/bin/bash", "pause": "/pause", "agnhost": "/agnhost pause", "node": "node",
    "python": "python3", "coredns": "/coredns -conf /etc/coredns/Corefile",
  ]

  static func main(_ image: String) -> String {
    let name = ImageReference(image).short
    return mains[name] ?? "/\(name)"
  }

  /// The processes that such a program starts.
  static func workers(_ image: String, _ command: [String]) -> [(Int, String)] {
    guard command.isEmpty, ImageReference(image).short == "nginx" else { return [] }
    return [(29, "nginx: worker process"), (30, "nginx: worker process")]
  }

  static func own(_ image: String) -> Set<String> {
    let name = ImageReference(image).short
    return (own[name] ?? []).union([name])
  }

  /// The words of the runtime when a program cannot be started; nil when it is there.
  /// - Parameter main: the container's own command line, whose program is there in any case.
  static func failure(_ words: [String], image: String, main: [String]) -> String? {
    guard let first = words.first, !first.isEmpty else { return "exec: no command" }
    let program = first.split(separator: "/").last.map(String.init) ?? first
    if has(program, image) || main.first == first { return nil }
    let why = first.contains("/") ? "stat \(first): no such file or directory" : "executable file not found in $PATH"
    return
      "OCI runtime exec failed: exec failed: unable to start container process: exec: \"\(first)\": \(why): unknown"
  }

  private static func has(_ program: String, _ image: String) -> Bool {
    let name = ImageReference(image)
    if own(image).contains(program) { return true }
    if lacked(image).contains(program) { return false }
    if bare.contains(name.short) || name.repository.contains("distroless") { return false }
    if program == "bash" { return !withoutBash.contains(name.short) && !name.tag.contains("alpine") }
    return ShellCommands.isKnown(program)
  }
}
