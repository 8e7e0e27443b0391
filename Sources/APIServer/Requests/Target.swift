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
    Self.withPieces(of: bytes) { pieces in
      // Made of pieces of the path, not of texts: one becomes a String only where it is kept.
      guard let rest = takeGroupVersion(pieces), !rest.isEmpty else { return }
      isResource = true
      takeResource(rest)
    }
  }

  /// The path, decoded: `/api/v1/pods`.
  var path: String { bytes.withUnsafeBufferPointer(Self.text) }

  /// The pieces of the path between slashes.
  var parts: [String] { Self.withPieces(of: bytes) { $0.map(Self.text) } }

  private typealias Piece = UnsafeBufferPointer<UInt8>
  private typealias Pieces = Slice<UnsafeBufferPointer<Piece>>

  private static func isPiece(_ piece: Piece, _ name: StaticString) -> Bool {
    piece.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }

  private static func text(_ bytes: Piece) -> String {
    percentDecoded(bytes) ?? String(decoding: bytes, as: UTF8.self)
  }

  /// What stands between slashes; the pieces are good for as long as `body` runs.
  private static func withPieces<Result>(of path: ArraySlice<UInt8>, _ body: (Pieces) -> Result) -> Result {
    path.withUnsafeBufferPointer { path in
      let slashes = path.reduce(0) { $1 == UInt8(ascii: "/") ? $0 + 1 : $0 }
      return withUnsafeTemporaryAllocation(of: Piece.self, capacity: slashes + 1) { pieces in
        var count = 0
        var start = 0
        for index in 0...path.count where index == path.count || path[index] == UInt8(ascii: "/") {
          if start < index {
            pieces[count] = UnsafeBufferPointer(rebasing: path[start..<index])
            count += 1
          }
          start = index + 1
        }
        return body(UnsafeBufferPointer(pieces)[..<count])
      }
    }
  }

  /// Takes `api/v1` or `apis/apps/v1` off the path; nil when it starts otherwise.
  private mutating func takeGroupVersion(_ pieces: Pieces) -> Pieces? {
    if pieces.count >= 3, Self.isPiece(pieces[0], "api") {
      version = Self.text(pieces[1])
      return pieces[2...]
    }
    if pieces.count >= 4, Self.isPiece(pieces[0], "apis") {
      group = Self.text(pieces[1])
      version = Self.text(pieces[2])
      return pieces[3...]
    }
    return nil
  }

  private mutating func takeResource(_ pieces: Pieces) {
    var pieces = pieces
    if pieces.count > 1, let first = pieces.first, Self.isPiece(first, "watch") {
      isOldWatch = true
      verb = "watch"
      pieces = pieces.dropFirst()
    }
    if pieces.count > 1, let first = pieces.first, Self.isPiece(first, "namespaces") {
      namespace = Self.text(pieces[pieces.startIndex + 1])
      // A namespace itself, or one of its own subresources.
      if pieces.count > 2 {
        let third = pieces[pieces.startIndex + 2]
        if !Self.isPiece(third, "status"), !Self.isPiece(third, "finalize") { pieces = pieces.dropFirst(2) }
      }
    }
    resource = pieces.popFirst().map(Self.text) ?? ""
    name = pieces.popFirst().map(Self.text) ?? ""
    subresource = pieces.popFirst().map(Self.text) ?? ""
    rest = pieces.isEmpty ? [] : pieces.map(Self.text)
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
