/// Takes protobuf fields off a run of bytes. Nothing in it trusts the bytes.
struct ProtobufReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  typealias Tag = (number: Int, type: ProtobufWriter.WireType)

  var isAtEnd: Bool { index >= bytes.count }

  /// The next field's number and wire type; nil at the end.
  mutating func tag() throws(DecodeError) -> Tag? {
    if isAtEnd { return nil }
    let value = try varint()
    guard let type = ProtobufWriter.WireType(rawValue: value & 7) else {
      throw DecodeError("proto: illegal wireType \(value & 7)")
    }
    guard value >> 3 > 0, value >> 3 < 1 << 29 else { throw DecodeError("proto: illegal tag \(value >> 3)") }
    return (Int(value >> 3), type)
  }

  mutating func varint() throws(DecodeError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
      if shift > 63 { throw DecodeError("proto: integer overflow") }
    }
    throw Self.tooShort
  }

  mutating func fixed64() throws(DecodeError) -> UInt64 {
    let run = try take(8)
    return run.indices.reversed().reduce(0) { $0 << 8 | UInt64(run[$1]) }
  }

  /// The content of a field with a length in front.
  mutating func delimited() throws(DecodeError) -> UnsafeBufferPointer<UInt8> {
    let length = try varint()
    guard length <= UInt64(bytes.count - index) else { throw Self.tooShort }
    return try take(Int(length))
  }

  mutating func string() throws(DecodeError) -> String { String(decoding: try delimited(), as: UTF8.self) }

  mutating func skip(_ type: ProtobufWriter.WireType) throws(DecodeError) {
    switch type {
    case .varint: _ = try varint()
    case .fixed64: _ = try take(8)
    case .delimited: _ = try delimited()
    case .fixed32: _ = try take(4)
    }
  }

  private mutating func take(_ count: Int) throws(DecodeError) -> UnsafeBufferPointer<UInt8> {
    guard count <= bytes.count - index else { throw Self.tooShort }
    defer { index += count }
    return UnsafeBufferPointer(rebasing: bytes[index..<index + count])
  }

  private static let tooShort = DecodeError("unexpected EOF")
}
