import HTTPServer
import Objects

/// How a client wants to see what it asks for.
struct Representation: Sendable, Equatable {
  enum Format: Sendable { case json, yaml, protobuf }

  /// What the objects are turned into.
  enum Shape: Sendable, Equatable {
    case whole
    /// A Table in this version of meta.k8s.io.
    case table(version: String)
    /// PartialObjectMetadata, or the list of them.
    case partial(version: String)
  }

  var format = Format.json
  var shape = Shape.whole
  var isPretty = false

  /// Stored bytes can go out as they are.
  var isPlain: Bool { format == .json && shape == .whole && !isPretty }

  var contentType: String {
    switch format {
    case .json: "application/json"
    case .yaml: "application/yaml"
    case .protobuf: "application/vnd.kubernetes.protobuf"
    }
  }
}

extension Call {
  /// What a path offers beside whole objects.
  enum Offer {
    case object, list, watch
    /// Whole objects only: reviews, subresources of another kind.
    case plain
  }

  /// The first clause of Accept that can be met.
  /// - Parameter canProtobuf: custom resources have no protobuf form.
  /// - Throws: 406.
  func representation(_ offer: Offer, canProtobuf: Bool = true) throws(Status) -> Representation {
    let isPretty = wantsPretty
    guard let bytes = request.headerBytes("accept"), !bytes.isEmpty, !bytes.elementsEqual("*/*".utf8),
      !bytes.elementsEqual("application/json".utf8)
    else { return Representation(isPretty: isPretty) }
    let clauses = MediaType.accepted(String(decoding: bytes, as: UTF8.self))
    guard clauses.contains(where: { Self.isKnown($0.type) }) else { throw Self.unavailable(offer) }
    var isYAML = false
    for clause in clauses {
      guard let found = Self.format(clause.type), let shape = Self.shape(clause, offer, found) else { continue }
      // The metadata alone is of a kind of our own, whatever it is the metadata of.
      if found == .protobuf, shape == .whole, !canProtobuf { continue }
      if found == .yaml, offer == .watch {
        isYAML = true
        continue
      }
      let pretty = clause["pretty"].map { $0 == "1" || $0 == "true" } ?? isPretty
      return Representation(format: found, shape: shape, isPretty: pretty)
    }
    // A form that is known, only not one event after the other.
    if isYAML { throw Self.notAcceptable("application/json;stream=watch", canProtobuf, ";stream=watch") }
    throw Self.notAcceptable("application/json, application/yaml", canProtobuf)
  }

  private static func notAcceptable(_ types: String, _ canProtobuf: Bool, _ parameter: String = "") -> Status {
    Status(
      code: 406, reason: "NotAcceptable",
      message: "only the following media types are accepted: \(types)"
        + (canProtobuf ? ", application/vnd.kubernetes.protobuf\(parameter)" : ""))
  }

  private static func isKnown(_ type: String) -> Bool {
    ["*/*", "application/*", "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"].contains(
      type)
  }

  fileprivate static func format(_ type: String) -> Representation.Format? {
    switch type {
    case "*/*", "application/*", "application/json": .json
    case "application/yaml": .yaml
    case "application/vnd.kubernetes.protobuf": .protobuf
    default: nil
    }
  }

  private static func shape(_ clause: MediaType, _ offer: Offer, _ format: Representation.Format)
    -> Representation.Shape?
  {
    guard let kind = clause["as"] else { return .whole }
    guard clause["g"] == "meta.k8s.io", let version = clause["v"], version == "v1" || version == "v1beta1",
      offer != .plain
    else { return nil }
    switch kind {
    case "Table": return format == .protobuf ? nil : .table(version: version)
    case "PartialObjectMetadata": return offer == .list ? nil : .partial(version: version)
    case "PartialObjectMetadataList": return offer == .list ? .partial(version: version) : nil
    default: return nil
    }
  }

  /// The words of the stock server's router, which knows the media types of a path but not their parameters.
  private static func unavailable(_ offer: Offer) -> Status {
    var types = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
    if offer == .list || offer == .watch {
      types += ", application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"
    }
    return Status(
      code: 406, reason: "NotAcceptable", message: "406: Not Acceptable\n\nAvailable representations: \(types)",
      details: Status.Details())
  }
}

extension Representation {
  /// The form of a Status: the first clause of Accept that takes one as it is; JSON where there is none, for an error must
  /// be told in any case.
  static func formatOfStatus(_ request: Request?) -> Format {
    guard let bytes = request?.headerBytes("accept"), !bytes.isEmpty, !bytes.elementsEqual("application/json".utf8)
    else { return .json }
    for clause in MediaType.accepted(String(decoding: bytes, as: UTF8.self)) where clause["as"] == nil {
      if let format = Call.format(clause.type) { return format }
    }
    return .json
  }
}
