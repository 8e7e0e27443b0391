import JSONCore
import Values

/// The protobuf form of the API: an envelope that names the kind around a message of the kind's fields.
public enum ProtobufCodec {
  /// `k8s` and a zero byte open every envelope.
  static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

  /// What an envelope holds.
  public struct Body: Sendable {
    public var apiVersion: String
    public var kind: String
    /// The object, with `apiVersion` and `kind` among its members; undecoded values as Go would write them.
    public var json: JSON
  }

  /// Whether the bytes open as an envelope.
  public static func isEnvelope(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { bytes.starts(with: magic) }

  /// Reads an envelope.
  /// - Parameter expected: the kind for envelopes that do not name theirs.
  /// - Throws: when the bytes are malformed or the kind has no schema.
  public static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, catalog: Catalog, expected: GroupVersionKind? = nil
  ) throws(DecodeError) -> Body {
    let envelope = try Envelope(bytes)
    var kind = GroupVersionKind(apiVersion: envelope.apiVersion, kind: envelope.kind)
    if kind.kind.isEmpty, let expected { kind.kind = expected.kind }
    if kind.version.isEmpty, let expected {
      kind.group = expected.group
      kind.version = expected.version
    }
    guard let schema = catalog.schema(of: kind) else {
      throw DecodeError("no kind \"\(kind.kind)\" is registered for version \"\(kind.apiVersion)\"")
    }
    var json = try schema.decode(envelope.raw)
    json["apiVersion"] = .string(kind.apiVersion)
    json["kind"] = .string(kind.kind)
    return Body(apiVersion: kind.apiVersion, kind: kind.kind, json: json)
  }

  /// Writes an object's envelope; `apiVersion` and `kind` come from the object.
  public static func encode(_ json: JSON, schema: ObjectSchema) -> [UInt8] {
    var writer = ProtobufWriter(capacity: 2048)
    write(json, schema: schema, to: &writer)
    return writer.bytes
  }

  /// Writes a list's envelope.
  /// - Parameter metadata: a ListMeta.
  /// - Parameter items: the type of the objects; their `apiVersion` and `kind` do not travel.
  public static func encodeList(
    apiVersion: String, kind: String, metadata: JSON, items: some Sequence<JSON>, schema: ObjectSchema
  ) -> [UInt8] {
    var writer = ProtobufWriter(capacity: 4096)
    writeEnvelope(apiVersion: apiVersion, kind: kind, to: &writer) { writer in
      if let members = metadata.object, let type = listMeta {
        writer.message(1) { type.encode(members, to: &$0) }
      }
      for item in items {
        if let members = item.object { writer.message(2) { schema.encode(members, to: &$0) } }
      }
    }
    return writer.bytes
  }

  /// Writes one frame of a watch: its length in four bytes, and a WatchEvent around the object's envelope.
  /// - Parameter type: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.
  public static func encodeWatchFrame(type: String, object: JSON, schema: ObjectSchema) -> [UInt8] {
    var writer = ProtobufWriter(capacity: 2048)
    writer.raw([0, 0, 0, 0])
    writer.string(1, type)
    writer.message(2) { raw in
      raw.message(1) { write(object, schema: schema, to: &$0) }
    }
    var frame = writer.bytes
    let length = UInt32(truncatingIfNeeded: frame.count - 4)
    for index in 0..<4 { frame[index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
    return frame
  }

  private static let listMeta = Catalog.builtIn.schema(named: "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta")

  private static func write(_ json: JSON, schema: ObjectSchema, to writer: inout ProtobufWriter) {
    writeEnvelope(apiVersion: json.text("apiVersion"), kind: json.text("kind"), to: &writer) {
      if let members = json.object { schema.encode(members, to: &$0) }
    }
  }

  private static func writeEnvelope(
    apiVersion: String, kind: String, to writer: inout ProtobufWriter, _ body: (inout ProtobufWriter) -> Void
  ) {
    writer.raw(magic)
    writer.message(1) {
      $0.string(1, apiVersion)
      $0.string(2, kind)
    }
    writer.message(2, body)
    writer.string(3, "")
    writer.string(4, "")
  }
}

/// The fields of runtime.Unknown.
private struct Envelope {
  var apiVersion = ""
  var kind = ""
  var raw = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodeError) {
    guard ProtobufCodec.isEnvelope(bytes) else {
      throw DecodeError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    }
    var reader = ProtobufReader(UnsafeBufferPointer(rebasing: bytes.dropFirst(ProtobufCodec.magic.count)))
    while let tag = try reader.tag() {
      switch (tag.number, tag.type) {
      case (1, .delimited): try readType(try reader.delimited())
      case (2, .delimited): raw = try reader.delimited()
      default: try reader.skip(tag.type)
      }
    }
  }

  private mutating func readType(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodeError) {
    var reader = ProtobufReader(bytes)
    while let tag = try reader.tag() {
      switch (tag.number, tag.type) {
      case (1, .delimited): apiVersion = try reader.string()
      case (2, .delimited): kind = try reader.string()
      default: try reader.skip(tag.type)
      }
    }
  }
}
