import Values

/// What is known of images without having them.
enum WellKnownImages {
  /// Sizes in bytes, by the last part of the name.
  private static let sizes: [String: Int64] = [
    "nginx": 72_223_946, "busybox": 2_217_006, "alpine": 3_626_897, "redis": 52_546_111, "httpd": 58_870_000,
    "postgres": 160_000_000, "mysql": 230_000_000, "pause": 320_448, "perl": 336_365_250, "ubuntu": 29_735_000,
    "debian": 48_490_000, "node": 380_000_000, "python": 365_000_000,
  ]

  /// Tags that tutorials use because they do not exist.
  private static let missingTags = ["does-not-exist", "doesnotexist", "nonexistent", "no-such-tag", "1.161", "unknown"]

  struct Name {
    /// `docker.io/library/nginx`
    let repository: String
    let tag: String
    let isValid: Bool

    var full: String { "\(repository):\(tag)" }
    var short: String { repository.split(separator: "/").last.map(String.init) ?? repository }

    init(_ image: String) {
      var rest = image
      var tag = "latest"
      if let at = rest.firstIndex(of: "@") { rest = String(rest[..<at]) }
      let slash = rest.lastIndex(of: "/")
      if let colon = rest.lastIndex(of: ":"), slash.map({ colon > $0 }) ?? true {
        tag = String(rest[rest.index(after: colon)...])
        rest = String(rest[..<colon])
      }
      let first = rest.split(separator: "/").first.map(String.init) ?? ""
      let hasHost = rest.contains("/") && (first.contains(".") || first.contains(":") || first == "localhost")
      if !hasHost { rest = rest.contains("/") ? "docker.io/" + rest : "docker.io/library/" + rest }
      repository = rest
      self.tag = tag
      let path = rest.utf8.drop { $0 != UInt8(ascii: "/") }
      isValid =
        !image.isEmpty && !tag.isEmpty && !path.isEmpty
        && path.allSatisfy { byte in
          byte >= 97 && byte <= 122 || byte >= 48 && byte <= 57 || "/._-".utf8.contains(byte)
        }
    }
  }

  static func size(_ name: Name) -> Int64 {
    if let size = sizes[name.short] { return size }
    return 5_000_000 + Int64(fingerprint(name.full) % 95_000_000)
  }

  /// The message of a pull that cannot succeed; nil for images that are taken to exist.
  static func missing(_ image: String) -> String? {
    let name = Name(image)
    guard missingTags.contains(name.tag) else { return nil }
    return "failed to pull and unpack image \"\(name.full)\": failed to resolve image: \(name.full): not found"
  }

  /// The first lines that a container of an image writes.
  static func log(_ image: String) -> [(after: Duration, text: String)] {
    let lines: [String]
    switch Name(image).short {
    case "nginx":
      lines = [
        "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration",
        "/docker-entrypoint.sh: Configuration complete; ready for start up",
        "[notice] 1#1: using the \"epoll\" event method", "[notice] 1#1: start worker processes",
      ]
    case "redis": lines = ["* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo", "* Ready to accept connections tcp"]
    case "postgres": lines = ["LOG:  database system is ready to accept connections"]
    case "httpd": lines = ["[mpm_event:notice] AH00489: Apache configured -- resuming normal operations"]
    default: lines = []
    }
    return lines.map { (after: .zero, text: $0) }
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
