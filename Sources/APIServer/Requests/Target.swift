import HTTPServer

/// What a request is about, read from its method and path alone: the attributes that authorization judges.
/// Source: the request info rules of the Kubernetes API ("Determine the request verb").
struct Target: Sendable {
  /// The path without its query, as received.
  private let bytes: ArraySlice<UInt8>
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
  init(_ request: Request, _ query: Query) {
    self.init(verb: Self.lowercaseName(of: request.method), path: request.path)
    guard isResource else { return }
    if !isOldWatch { verb = Self.verb(of: request.method) }
    settleVerb(request.method, query)
  }

  /// - Parameter path: as received, percent-encoded.
  init(verb: String, path bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    self.verb = verb
    // Made of ranges, not of texts: a part becomes a String only where one is kept.
    let pieces = Self.pieces(bytes)
    guard let rest = takeGroupVersion(pieces), !rest.isEmpty else { return }
    isResource = true
    takeResource(rest)
  }

  /// The path, decoded: `/api/v1/pods`.
  var path: String { Self.text(bytes) }

  /// The pieces of the path between slashes.
  var parts: [String] { Self.pieces(bytes).map(text) }

  private func text(_ piece: Range<Int>) -> String { Self.text(bytes[piece]) }

  private func isPiece(_ piece: Range<Int>, _ name: StaticString) -> Bool {
    bytes[piece].elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    percentDecoded(bytes) ?? String(decoding: bytes, as: UTF8.self)
  }

  /// What stands between slashes.
  private static func pieces(_ path: ArraySlice<UInt8>) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    pieces.reserveCapacity(8)
    var start = path.startIndex
    path.withUnsafeBufferPointer { bytes in
      for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "/") {
        let index = path.startIndex + offset
        if start < index { pieces.append(start..<index) }
        start = index + 1
      }
    }
    if start < path.endIndex { pieces.append(start..<path.endIndex) }
    return pieces
  }

  /// Takes `api/v1` or `apis/apps/v1` off the path; nil when it starts otherwise.
  private mutating func takeGroupVersion(_ pieces: [Range<Int>]) -> ArraySlice<Range<Int>>? {
    if pieces.count >= 3, isPiece(pieces[0], "api") {
      version = text(pieces[1])
      return pieces[2...]
    }
    if pieces.count >= 4, isPiece(pieces[0], "apis") {
      group = text(pieces[1])
      version = text(pieces[2])
      return pieces[3...]
    }
    return nil
  }

  private mutating func takeResource(_ pieces: ArraySlice<Range<Int>>) {
    var pieces = pieces
    if pieces.count > 1, let first = pieces.first, isPiece(first, "watch") {
      isOldWatch = true
      verb = "watch"
      pieces = pieces.dropFirst()
    }
    if pieces.count > 1, let first = pieces.first, isPiece(first, "namespaces") {
      namespace = text(pieces[pieces.startIndex + 1])
      // A namespace itself, or one of its own subresources.
      if pieces.count > 2 {
        let third = pieces[pieces.startIndex + 2]
        if !isPiece(third, "status"), !isPiece(third, "finalize") { pieces = pieces.dropFirst(2) }
      }
    }
    resource = pieces.popFirst().map(text) ?? ""
    name = pieces.popFirst().map(text) ?? ""
    subresource = pieces.popFirst().map(text) ?? ""
    rest = pieces.isEmpty ? [] : pieces.map(text)
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
