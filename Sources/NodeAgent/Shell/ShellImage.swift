/// Images that hold nothing but a shell and its tools, so that a program they lack is really not there.
enum ShellImage: String, Sendable, CaseIterable {
  case busybox, alpine, bash, debian, ubuntu

  /// nil for an image that may hold anything.
  init?(image: String) {
    guard let known = ShellImage(rawValue: ImageReference(image).short) else { return nil }
    self = known
  }

  /// Whether a program is missing that others of these images, or none of them, have.
  func lacks(_ program: String) -> Bool {
    if Self.nowhere.contains(program) { return true }
    switch self {
    case .busybox: return Self.notInBusybox.contains(program) || program == "apk"
    case .alpine: return Self.notInBusybox.contains(program)
    case .bash: return Self.notInBusybox.contains(program) && program != "bash"
    case .debian, .ubuntu: return Self.notInDebian.contains(program)
    }
  }

  /// What has to be installed first, whatever the image.
  private static let nowhere: Set<String> = [
    "curl", "dig", "git", "host", "jq", "java", "kubectl", "go", "make", "mysql", "mysqladmin", "ncat", "node",
    "openssl",
    "pg_isready", "php", "psql", "python", "python3", "redis-cli", "ruby", "ssh", "stress", "stress-ng", "sudo",
  ]
  private static let notInBusybox: Set<String> = ["apt", "apt-get", "bash", "dpkg", "perl"]
  private static let notInDebian: Set<String> = [
    "apk", "ash", "httpd", "ifconfig", "ip", "nc", "netstat", "nslookup", "ping", "telnet", "traceroute", "unzip", "vi",
    "wget", "xxd",
  ]
}
