import HTTPServer
import JSONCore
import Objects

/// The name in the path of a proxy: `web`, `web:8080`, `https:web:metrics`.
struct ProxyName: Sendable, Equatable {
  var scheme = "http"
  var name = ""
  var port = ""

  /// nil for what is none.
  init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    switch parts.count {
    case 1: name = parts[0]
    case 2: (name, port) = (parts[0], parts[1])
    case 3:
      guard ["", "http", "https"].contains(parts[0]) else { return nil }
      if !parts[0].isEmpty { scheme = parts[0] }
      (name, port) = (parts[1], parts[2])
    default: return nil
    }
    if name.isEmpty { return nil }
  }
}

/// The path of a proxied request, cut in two: what leads to the proxy, and what it passes on. As received, percent-encoded.
struct ProxyPath: Sendable, Equatable {
  /// `/api/v1/namespaces/default/pods/web/proxy`
  var front: String
  /// `/index.html`; "" when the path ends with `proxy`.
  var rest: String

  /// - Parameter pieces: how many there are up to and with `proxy`.
  init(_ path: String, pieces: Int) {
    var index = path.startIndex
    var seen = 0
    while index < path.endIndex, seen < pieces {
      while index < path.endIndex, path[index] == "/" { index = path.index(after: index) }
      while index < path.endIndex, path[index] != "/" { index = path.index(after: index) }
      seen += 1
    }
    front = String(path[..<index])
    rest = String(path[index...])
  }
}

/// What changes in an answer on its way through a proxy, so that its links lead back through it.
/// Source: the API server's proxy transport: `Location`, and the absolute links of pages.
enum ProxyRewriting {
  /// Pages above this are passed on as they are.
  private static let pageLimit = 4 << 20
  private static let attributes = ["href=\"/", "src=\"/", "action=\"/", "href='/", "src='/", "action='/"]

  /// - Parameters:
  ///   - front: the path of the proxy.
  ///   - host: `10.244.0.2:80`, as the pod knows itself.
  static func location(_ location: String, front: String, host: String) -> String {
    if location.hasPrefix("//") { return location }
    if location.hasPrefix("/") { return front + location }
    for scheme in ["http://", "https://"] where location.hasPrefix(scheme + host) {
      let rest = location.dropFirst(scheme.count + host.count)
      // The name of another host or port may begin like this one's.
      guard let next = rest.first else { return front + "/" }
      if next == "/" { return front + rest }
      if next == "?" || next == "#" { return front + "/" + rest }
    }
    return location
  }

  static func page(_ bytes: [UInt8], front: String) -> [UInt8] {
    guard bytes.count <= pageLimit, let text = String(validating: bytes, as: UTF8.self) else { return bytes }
    var result = text
    for attribute in attributes where text.contains(attribute) {
      let start = attribute.dropLast()
      // What begins with two slashes names another host.
      result = result.replacing(attribute + "/", with: start + "\u{0}").replacing(attribute, with: "\(start)\(front)/")
        .replacing(start + "\u{0}", with: attribute + "/")
    }
    return Array(result.utf8)
  }
}
