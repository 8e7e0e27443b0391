import HTTPServer

/// What a request is about, read from its method and path alone: the attributes that authorization judges.
/// Source: the request info rules of the Kubernetes API ("Determine the request verb").
struct Target: Sendable {
  /// The path without its query, decoded: `/api/v1/pods`.
  var path: String
  /// `get`, `list`, `watch`, `create`, …; for non-resource paths the method in lower case.
  var verb: String
  /// Whether the path names a resource rather than a document such as `/version`.
  var isResource = false
  var group = ""
  var version = ""
  var resource = ""
  var subresource = ""
  /// What follows the subresource, for proxies.
  var rest: [String] = []
  var namespace = ""
  var name = ""
  /// Whether the path is one of the old `/watch/` ones.
  var isOldWatch = false
  /// The pieces of the path between slashes.
  var parts: [String]

  init(_ request: Request, _ query: Query) {
    self.init(verb: Self.lowercaseName(of: request.method), path: request.path)
    guard isResource else { return }
    if !isOldWatch { verb = Self.verb(of: request.method) }
    settleVerb(request.method, query)
  }

  /// - Parameter path: as received, percent-encoded.
  init(verb: String, path bytes: ArraySlice<UInt8>) {
    parts = Self.parts(bytes)
    path = Self.text(bytes)
    self.verb = verb
    guard let rest = takeGroupVersion(), !rest.isEmpty else { return }
    isResource = true
    takeResource(rest)
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    percentDecoded(bytes) ?? String(decoding: bytes, as: UTF8.self)
  }

  /// The texts between slashes. Most have at most fifteen bytes, for which a String needs no memory.
  private static func parts(_ path: ArraySlice<UInt8>) -> [String] {
    var parts: [String] = []
    parts.reserveCapacity(8)
    var start = path.startIndex
    for index in path.indices where path[index] == UInt8(ascii: "/") {
      if start < index { parts.append(text(path[start..<index])) }
      start = index + 1
    }
    if start < path.endIndex { parts.append(text(path[start...])) }
    return parts
  }

  /// Takes `api/v1` or `apis/apps/v1` off the path; nil when it starts otherwise.
  private mutating func takeGroupVersion() -> ArraySlice<String>? {
    if parts.count >= 3, parts[0] == "api" {
      version = parts[1]
      return parts[2...]
    }
    if parts.count >= 4, parts[0] == "apis" {
      group = parts[1]
      version = parts[2]
      return parts[3...]
    }
    return nil
  }

  private mutating func takeResource(_ pieces: ArraySlice<String>) {
    var pieces = pieces
    if pieces.count > 1, pieces.first == "watch" {
      isOldWatch = true
      verb = "watch"
      pieces = pieces.dropFirst()
    }
    if pieces.count > 1, pieces.first == "namespaces" {
      namespace = pieces[pieces.startIndex + 1]
      // A namespace itself, or one of its own subresources.
      let third = pieces.count > 2 ? pieces[pieces.startIndex + 2] : ""
      if pieces.count > 2, third != "status", third != "finalize" { pieces = pieces.dropFirst(2) }
    }
    resource = pieces.popFirst() ?? ""
    name = pieces.popFirst() ?? ""
    subresource = pieces.popFirst() ?? ""
    rest = Array(pieces)
  }

  private mutating func settleVerb(_ method: Method, _ query: Query) {
    guard name.isEmpty || isOldWatch else { return }
    if method == .get || method == .head {
      verb = isOldWatch || query.bool("watch") == true ? "watch" : "list"
      if name.isEmpty, let selected = Self.nameSelected(by: query) { name = selected }
    } else if method == .delete, !isOldWatch {
      verb = "deletecollection"
    }
  }

  /// The name that a field selector on a list or watch narrows it to.
  private static func nameSelected(by query: Query) -> String? {
    guard let selector = query["fieldSelector"], !selector.isEmpty else { return nil }
    for term in selector.split(separator: ",") {
      for prefix in ["metadata.name==", "metadata.name="] where term.hasPrefix(prefix) {
        return String(term.dropFirst(prefix.count))
      }
    }
    return nil
  }

  /// Whether the name stands in the path, and not only in a field selector.
  var isNamed: Bool { !name.isEmpty && verb != "list" && verb != "watch" && verb != "deletecollection" }

  private static func verb(of method: Method) -> String {
    switch method {
    case .get, .head: "get"
    case .post: "create"
    case .put: "update"
    case .patch: "patch"
    case .delete: "delete"
    default: lowercaseName(of: method)
    }
  }

  private static func lowercaseName(of method: Method) -> String {
    switch method {
    case .get: "get"
    case .head: "head"
    case .post: "post"
    case .put: "put"
    case .patch: "patch"
    case .delete: "delete"
    case .options: "options"
    default: method.name.description.lowercased()
    }
  }
}
