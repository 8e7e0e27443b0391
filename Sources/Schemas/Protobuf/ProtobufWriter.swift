/// Appends protobuf (proto2) fields to a run of bytes.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case fixed32 = 5
  }

  mutating func raw(_ more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

  mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  @inline(__always) mutating func tag(_ number: Int, _ type: WireType) { varint(UInt64(number) << 3 | type.rawValue) }

  mutating func varint(_ number: Int, _ value: Int64) {
    tag(number, .varint)
    varint(UInt64(bitPattern: value))
  }

  mutating func double(_ number: Int, _ value: Double) {
    tag(number, .fixed64)
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift)) }
  }

  mutating func string(_ number: Int, _ text: String) {
    tag(number, .delimited)
    var text = text
    text.withUTF8 {
      varint(UInt64($0.count))
      bytes.append(contentsOf: $0)
    }
  }

  mutating func data(_ number: Int, _ data: some Collection<UInt8>) {
    tag(number, .delimited)
    varint(UInt64(data.count))
    bytes.append(contentsOf: data)
  }

  /// A field with a length in front. One byte is kept for it; longer ones move the content, which is rare and short.
  @inline(__always)
  mutating func message<Failure: Error>(
    _ number: Int, _ body: (inout ProtobufWriter) throws(Failure) -> Void
  ) throws(Failure) {
    tag(number, .delimited)
    bytes.append(0)
    let start = bytes.count
    try body(&self)
    var length = bytes.count - start
    if length < 0x80 {
      bytes[start - 1] = UInt8(length)
      return
    }
    bytes[start - 1] = UInt8(truncatingIfNeeded: length) | 0x80
    length >>= 7
    var position = start
    while length > 0 {
      bytes.insert(UInt8(truncatingIfNeeded: length & 0x7F) | (length > 0x7F ? 0x80 : 0), at: position)
      length >>= 7
      position += 1
    }
  }
}
