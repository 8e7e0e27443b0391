import JSONCore
import Objects
import Schemas

extension Cluster {
  /// A body as the kind's schema reads it: unknown fields dropped, defaults set.
  /// - Parameters:
  ///   - stored: the object that the body was made from by a patch.
  ///   - complaints: receives the messages about unknown and repeated fields, when anybody asked for them.
  /// - Throws: 400 for what cannot be a body of this kind.
  func decoded(
    _ kind: Kind, _ body: JSON, stored: JSON? = nil, _ options: WriteOptions, _ complaints: inout [String]
  ) throws(Status) -> JSON {
    guard body.object != nil || body.isNull else {
      throw .badRequest("couldn't get version/kind; json parse error: the body is not an object")
    }
    try Self.checkIdentity(kind, body)
    var unknown: [String] = []
    var result: JSON
    do {
      result = try kind.decode(body, stored: stored, unknown: &unknown)
    } catch {
      throw .badRequest("\(Self.cannotHandle(kind)): \(error)")
    }
    if kind.resource == .secrets { SecretRule.foldText(&result) }
    result["apiVersion"] = .string(kind.apiVersion)
    result["kind"] = .string(kind.name)
    if options.fieldValidation != .ignore {
      // YAML is read whole before anybody asks for fields. In JSON a key is repeated only where its second one stands,
      // and that comes late.
      complaints += options.duplicates.filter { $0.hasPrefix("line ") }
      complaints += unknown.map { "unknown field \(Status.quoted($0))" }
      complaints += options.duplicates.filter { !$0.hasPrefix("line ") }
    }
    return result
  }

  /// The body of a POST or PUT.
  /// - Throws: 400, also for unknown fields where the client wants it strict.
  func decodedBody(
    _ kind: Kind, _ body: JSON, stored: JSON? = nil, _ options: WriteOptions, _ warnings: inout [String]
  ) throws(Status) -> JSON {
    var complaints: [String] = []
    let result = try decoded(kind, body, stored: stored, options, &complaints)
    if options.fieldValidation == .strict, !complaints.isEmpty {
      throw .badRequest("\(Self.cannotHandle(kind)): strict decoding error: \(complaints.joined(separator: ", "))")
    }
    warnings += complaints
    return result
  }

  static func cannotHandle(_ kind: Kind) -> String {
    "\(kind.name) in version \(Status.quoted(kind.version)) cannot be handled as a \(kind.name)"
  }

  /// A body may leave `apiVersion` and `kind` out; where it has them, they must be those of the path.
  private static func checkIdentity(_ kind: Kind, _ body: JSON) throws(Status) {
    let apiVersion = body.text("apiVersion")
    let name = body.text("kind")
    if !apiVersion.isEmpty, apiVersion != kind.apiVersion, name.isEmpty || name == kind.name {
      throw .badRequest(
        "the API version in the data (\(apiVersion)) does not match the expected API version (\(kind.apiVersion))")
    }
    if !name.isEmpty, name != kind.name {
      throw .badRequest(
        "\(name) in version \(Status.quoted(apiVersion)) cannot be handled as a \(kind.name): the kind in the data does not "
          + "match the expected kind")
    }
  }

  /// The namespace of a body must be that of the path, or left out; kinds that live in none forget it.
  /// - Throws: 400.
  static func placeInNamespace(_ object: inout JSON, _ kind: Kind, _ namespace: String) throws(Status) {
    let given = object["metadata"]?.text("namespace") ?? ""
    guard kind.isNamespaced else {
      if !given.isEmpty { object["metadata"]?["namespace"] = nil }
      return
    }
    guard given.isEmpty || given == namespace else {
      throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
    }
    if given.isEmpty { object["metadata", default: .emptyObject]["namespace"] = .string(namespace) }
  }
}
