/// The name of an image, taken apart as container runtimes do: `registry:5000/team/app:1.2@sha256:…`.
struct ImageReference {
  /// `docker.io/library/nginx`
  let repository: String
  let tag: String
  /// `sha256:…`; "" when none is named.
  let digest: String
  let isValid: Bool

  /// `docker.io/library/nginx:1.27`
  var full: String { digest.isEmpty ? "\(repository):\(tag)" : "\(repository)@\(digest)" }
  /// `nginx`
  var short: String { repository.split(separator: "/").last.map(String.init) ?? repository }

  init(_ image: String) {
    var rest = image
    var tag = "latest"
    var digest = ""
    if let at = rest.firstIndex(of: "@") {
      digest = String(rest[rest.index(after: at)...])
      rest = String(rest[..<at])
    }
    let slash = rest.lastIndex(of: "/")
    if let colon = rest.lastIndex(of: ":"), slash.map({ colon > $0 }) ?? true {
      tag = String(rest[rest.index(after: colon)...])
      rest = String(rest[..<colon])
    }
    let written = rest
    let first = rest.split(separator: "/").first.map(String.init) ?? ""
    let hasHost = rest.contains("/") && (first.contains(".") || first.contains(":") || first == "localhost")
    if !hasHost { rest = rest.contains("/") ? "docker.io/" + rest : "docker.io/library/" + rest }
    repository = rest
    self.tag = tag
    self.digest = digest
    isValid =
      Self.isPath(hasHost ? written.drop { $0 != "/" }.dropFirst() : written[...]) && Self.isTag(tag)
      && (!image.contains("@") || Self.isDigest(digest))
  }

  /// Lower-case letters and digits, with `.`, `_`, `-` and `/` between them.
  private static func isPath(_ path: Substring) -> Bool {
    !path.isEmpty
      && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        guard let first = part.utf8.first, let last = part.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
          && part.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
      }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool { byte >= 97 && byte <= 122 || byte >= 48 && byte <= 57 }

  private static func isTag(_ tag: String) -> Bool {
    guard let first = tag.utf8.first, tag.utf8.count <= 128 else { return false }
    func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte >= 65 && byte <= 90 || byte == 95 }
    return isWord(first) && tag.utf8.allSatisfy { isWord($0) || $0 == 46 || $0 == 45 }
  }

  private static func isDigest(_ digest: String) -> Bool {
    digest.hasPrefix("sha256:") && digest.utf8.count == 71
      && digest.utf8.dropFirst(7).allSatisfy { $0 >= 48 && $0 <= 57 || $0 >= 97 && $0 <= 102 }
  }
}
