import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Values

extension Encoding {
  /// A stored object, made from its text.
  /// - Throws: 406 for what has no protobuf form.
  static func protobuf(_ object: Object) throws(Status) -> Blob {
    let text = RawJSON(object.blob.bytes)
    let type = GroupVersionKind(
      apiVersion: text.member("apiVersion")?.string ?? "", kind: text.member("kind")?.string ?? "")
    return try protobuf(object.blob, as: type)
  }

  /// - Throws: 406 for what has no protobuf form.
  static func protobuf(_ json: JSON) throws(Status) -> Blob {
    try protobuf(json.blob, as: GroupVersionKind(apiVersion: json.text("apiVersion"), kind: json.text("kind")))
  }

  /// - Parameter text: may have more members than the type, which are left out.
  static func protobuf(_ text: Blob, as type: GroupVersionKind) throws(Status) -> Blob {
    ProtobufCodec.encode(text, as: type, schema: try schema(of: type))
  }

  /// - Parameters:
  ///   - type: of the list.
  ///   - schema: of its objects, which may have more members than that.
  static func protobuf(_ list: ObjectList, as type: GroupVersionKind, _ schema: ObjectSchema) -> Body {
    .chunks(
      ProtobufCodec.encodeList(list.objects.lazy.map(\.blob), as: type, metadata: list.metadata, schema: schema))
  }

  static func schema(of type: GroupVersionKind) throws(Status) -> ObjectSchema {
    if let schema = Catalog.builtIn.schema(of: type) { return schema }
    throw Status(
      code: 406, reason: "NotAcceptable",
      message: "object \(type.kind) does not implement the protobuf marshalling interface and cannot be encoded to a "
        + "protobuf message")
  }
}
