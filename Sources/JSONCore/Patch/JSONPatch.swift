/// Why a JSON patch was not applied.
public enum JSONPatchError: Error, Sendable, Equatable {
  /// The body is no list of operations.
  case malformed(String)
  /// More operations than `JSONPatch.maximumOperations`.
  case tooManyOperations(Int)
  /// An operation is unknown, incomplete, or does not fit the document.
  case failed(String)
}

/// A list of changes to a document (RFC 6902).
///
/// Two liberties are those of the library that stock Kubernetes uses: `replace` also sets a member that an object does
/// not have, and negative indices count from the end.
public struct JSONPatch: Sendable {
  public static let maximumOperations = 10_000
  /// Bytes that all `copy` operations of one patch may add: a short patch could otherwise double a document thirty times.
  public static let maximumCopiedBytes = 3 << 20

  private let operations: [JSON]

  /// - Parameter json: the list of operations; what is in them is looked at when it is their turn.
  public init(_ json: JSON) throws(JSONPatchError) {
    guard case .array(let operations) = json else {
      throw .malformed("json: cannot unmarshal \(json.goKind) into Go value of type jsonpatch.Patch")
    }
    for operation in operations where operation.object == nil && !operation.isNull {
      throw .malformed("json: cannot unmarshal \(operation.goKind) into Go value of type jsonpatch.Operation")
    }
    if operations.count > Self.maximumOperations { throw .tooManyOperations(operations.count) }
    self.operations = operations
  }

  /// All operations one after the other; one that fails fails the patch.
  public func applied(to document: JSON) throws(JSONPatchError) -> JSON {
    var document = document
    var copied = 0
    for operation in operations { try Self.perform(operation, on: &document, copied: &copied) }
    return document
  }

  private static func perform(
    _ operation: JSON, on document: inout JSON, copied: inout Int
  ) throws(JSONPatchError) {
    let kind = operation["op"]?.string ?? "unknown"
    switch kind {
    case "add":
      let target = try pointer(operation, "path", kind)
      try document.insert(shallow(value(of: operation, kind), target), at: target)
    case "remove": _ = try document.extract(at: pointer(operation, "path", kind))
    case "replace":
      let target = try pointer(operation, "path", kind)
      try document.replace(at: target, with: shallow(value(of: operation, kind), target))
    case "move":
      let target = try pointer(operation, "path", kind)
      let source = try pointer(operation, "from", kind)
      let value = try document.extract(at: source)
      let isSunk = target.tokens.count > source.tokens.count
      try document.insert(isSunk ? shallow(value, target) : value, at: target)
    case "copy":
      let source = try pointer(operation, "from", kind)
      let value = try document.value(at: source) ?? .null
      copied += value.blob.count
      if copied > maximumCopiedBytes {
        throw .failed(
          "Unable to copy, the accumulated size increase of copy is \(copied), exceeding the limit \(maximumCopiedBytes)"
        )
      }
      let target = try pointer(operation, "path", kind)
      try document.insert(shallow(value, target), at: target)
    case "test":
      let path = try pointer(operation, "path", kind)
      let expected = operation["value"] ?? .null
      guard try (document.value(at: path) ?? .null).isEquivalent(to: expected) else {
        throw .failed("testing value \(path) failed: test failed")
      }
    default: throw .failed("Unexpected kind: \(kind)")
    }
  }

  /// The value, if the document is no deeper with it than a body may be: each `copy` could double the depth.
  private static func shallow(_ value: JSON, _ target: JSONPointer) throws(JSONPatchError) -> JSON {
    if value.isDeeper(than: JSON.maximumDepth - target.tokens.count) { throw .failed("exceeded max depth") }
    return value
  }

  private static func pointer(
    _ operation: JSON, _ field: String, _ kind: String
  ) throws(JSONPatchError) -> JSONPointer {
    guard let text = operation[field]?.string else {
      throw .failed("\(kind) operation failed to decode \(field): missing value")
    }
    guard let pointer = JSONPointer(text) else {
      throw .failed("\(kind) operation does not apply: doc is missing path: \(text): missing value")
    }
    return pointer
  }

  private static func value(of operation: JSON, _ kind: String) throws(JSONPatchError) -> JSON {
    guard let value = operation["value"] else {
      throw .failed("\(kind) operation failed to decode value: missing value")
    }
    return value
  }
}
