import JSONCore
import Objects
import Schemas

extension Encoding {
  /// - Throws: 406 for what has no protobuf form.
  static func protobuf(_ json: JSON) throws(Status) -> [UInt8] {
    let type = GroupVersionKind(apiVersion: json.text("apiVersion"), kind: json.text("kind"))
    guard let schema = Catalog.builtIn.schema(of: type) else {
      throw Status(
        code: 406, reason: "NotAcceptable",
        message: "object \(type.kind) does not implement the protobuf marshalling interface and cannot be encoded to a "
          + "protobuf message")
    }
    return ProtobufCodec.encode(json, schema: schema)
  }
}
