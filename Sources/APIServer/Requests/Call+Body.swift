import JSONCore
import Objects
import Schemas
import Values

/// A body, decoded into JSON whatever it came as.
struct DecodedBody {
  var json: JSON
  /// What there is to say of keys that stood twice.
  var duplicates: [String] = []
}

extension Call {
  static let acceptedTypes = "application/json, application/yaml, application/vnd.kubernetes.protobuf"

  /// The body of a POST or PUT.
  /// - Parameters:
  ///   - kind: what a protobuf body that does not say so is; custom resources have no protobuf form.
  ///   - stored: the object of which the body is a changed copy, most likely.
  /// - Throws: 400 for what cannot be read, 415 for an unknown media type.
  func body(_ kind: Kind, replacing stored: Object? = nil) throws(Status) -> DecodedBody {
    try decoded(as: kind.groupVersionKind, isCustom: kind.isCustom, replacing: stored)
  }

  /// - Parameters:
  ///   - type: what a protobuf body is that does not say so.
  ///   - stored: the object of which the body is a changed copy, most likely.
  func decoded(
    as type: GroupVersionKind, isCustom: Bool = false, replacing stored: Object? = nil
  ) throws(Status) -> DecodedBody {
    switch contentType {
    case "", "application/json":
      return try Self.json(request.body, known: stored.map { JSON.unreadParts(of: $0.blob) } ?? [])
    case "application/yaml":
      let reading = try YAML.read(request.body)
      return DecodedBody(json: reading.json, duplicates: reading.duplicates)
    case "application/vnd.kubernetes.protobuf" where !isCustom:
      return DecodedBody(json: try Self.protobuf(request.body, type))
    default:
      throw Status(
        code: 415, reason: "UnsupportedMediaType",
        message: "the body of the request was in an unknown format - accepted media types include: "
          + (isCustom ? "application/json, application/yaml" : Self.acceptedTypes))
    }
  }

  /// The options in the body of a DELETE; nil when there is no body.
  /// - Throws: 400 where they cannot be read. The stock server takes that fault for its own and says 500.
  func optionsInBody() throws(Status) -> JSON? {
    if request.body.isEmpty { return nil }
    let type = GroupVersionKind(group: "", version: "v1", kind: "DeleteOptions")
    let json: JSON
    json = try decoded(as: type).json
    let (version, kind) = (json.text("apiVersion"), json.text("kind"))
    guard kind.isEmpty || kind == "DeleteOptions" else {
      throw .badRequest(
        "the body must be of type DeleteOptions: no kind \(Status.quoted(kind)) is registered for version "
          + Status.quoted(version))
    }
    guard json.object != nil else {
      throw .badRequest("couldn't get version/kind; json parse error: json: cannot unmarshal into Go value")
    }
    var unknown: [String] = []
    guard let schema = Catalog.builtIn.schema(of: type) else { return json }
    do { return try schema.decode(json, unknown: &unknown) } catch { throw .badRequest(error.message) }
  }

  /// - Parameter subject: how a message about a repeated key begins.
  static func json(
    _ bytes: [UInt8], known: [Blob] = [], subject: String = "duplicate"
  ) throws(Status) -> DecodedBody {
    var duplicates: [String] = []
    let result: Result<JSON, JSONError> = bytes.withUnsafeBufferPointer { bytes in
      do throws(JSONError) {
        return .success(try JSON.parse(bytes, known: known, duplicates: &duplicates))
      } catch {
        return .failure(error)
      }
    }
    switch result {
    // A null object is an empty one, as everywhere in the API.
    case .success(let json):
      return DecodedBody(
        json: json.isNull ? .emptyObject : json,
        duplicates: duplicates.map { "\(subject) field \(Status.quoted($0))" })
    case .failure(let error):
      throw .badRequest("couldn't get version/kind; json parse error: \(error.message)")
    }
  }

  private static func protobuf(_ bytes: [UInt8], _ type: GroupVersionKind) throws(Status) -> JSON {
    let result: Result<JSON, DecodeError> = bytes.withUnsafeBufferPointer { bytes in
      do throws(DecodeError) {
        return .success(try ProtobufCodec.decode(bytes, catalog: .builtIn, expected: type).json)
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let json): return json
    case .failure(let error): throw .badRequest("the body cannot be read as protobuf: \(error)")
    }
  }
}
