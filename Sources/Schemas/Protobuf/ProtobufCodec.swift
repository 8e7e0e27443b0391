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

  /// Writes an object's envelope.
  /// - Parameters:
  ///   - object: compact JSON text with sorted keys, as objects are stored; its own `apiVersion` and `kind` do not count.
  ///   - type: what the envelope says it is.
  ///   - schema: that of the type. Members that it does not have are left out, so that the schema of PartialObjectMetadata
  ///     cuts any object down to its metadata.
  public static func encode(_ object: Blob, as type: GroupVersionKind, schema: ObjectSchema) -> Blob {
    var coder = Transcoder(capacity: object.count + envelopeSize)
    coder.envelope(type, object, schema)
    return coder.blob()
  }

  /// Writes a list's envelope, in pieces that follow each other.
  /// - Parameters:
  ///   - type: of the list.
  ///   - metadata: a ListMeta.
  ///   - items: the text of the objects, as `encode` takes it.
  ///   - schema: of the objects.
  public static func encodeList(
    _ items: some Collection<Blob>, as type: GroupVersionKind, metadata: JSON, schema: ObjectSchema
  ) -> [Blob] {
    var coder = Transcoder(capacity: items.reduce(envelopeSize) { $0 + $1.count })
    if let listMeta { coder.message(1, metadata.blob, listMeta) }
    for item in items { coder.message(2, item, schema) }
    let content = coder.blob()
    var head = ProtobufWriter(capacity: envelopeSize)
    head.openEnvelope(type)
    head.head(2, length: content.count)
    return [head.blob(), content, envelopeEnd]
  }

  /// Writes one frame of a watch: its length in four bytes, and a WatchEvent around the object's envelope.
  /// - Parameters:
  ///   - event: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.
  ///   - object: its text, as `encode` takes it.
  public static func encodeWatchFrame(
    _ event: String, _ object: Blob, as type: GroupVersionKind, schema: ObjectSchema
  ) -> Blob {
    var coder = Transcoder(capacity: object.count + envelopeSize)
    for _ in 0..<4 { coder.out.raw(0) }
    coder.out.string(1, event)
    let raw = coder.out.open(2)
    let envelope = coder.out.open(1)
    coder.envelope(type, object, schema)
    coder.out.close(envelope)
    coder.out.close(raw)
    coder.out.patch(UInt32(truncatingIfNeeded: coder.out.count - 4), at: 0)
    return coder.blob()
  }

  /// Room for all that stands around an object.
  private static let envelopeSize = 256

  private static let listMeta = Catalog.builtIn.schema(named: "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta")

  /// Two empty strings: the encoding and the type of the content.
  private static let envelopeEnd: Blob = {
    var writer = ProtobufWriter()
    writer.closeEnvelope()
    return writer.blob()
  }()
}

extension ProtobufWriter {
  fileprivate mutating func openEnvelope(_ type: GroupVersionKind) {
    ProtobufCodec.magic.withUnsafeBufferPointer { raw($0) }
    let start = open(1)
    string(1, type.apiVersion)
    string(2, type.kind)
    close(start)
  }

  fileprivate mutating func closeEnvelope() {
    head(3, length: 0)
    head(4, length: 0)
  }
}

extension Transcoder {
  fileprivate mutating func envelope(_ type: GroupVersionKind, _ object: Blob, _ schema: ObjectSchema) {
    out.openEnvelope(type)
    message(2, object, schema)
    out.closeEnvelope()
  }

  fileprivate mutating func message(_ number: Int, _ object: Blob, _ schema: ObjectSchema) {
    let start = out.open(number)
    message(object, schema)
    out.close(start)
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
