/// A protobuf message under construction. Zero values are left out, as proto3 does.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  mutating func text(_ field: Int, _ text: String) {
    if text.isEmpty { return }
    element(field, text)
  }

  /// An element of a repeated string field, which is written even when it is empty.
  mutating func element(_ field: Int, _ text: String) {
    tag(field, 2)
    varint(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func bool(_ field: Int, _ value: Bool) {
    if !value { return }
    tag(field, 0)
    varint(1)
  }

  /// A message; an empty one is written too, for it says that it is there.
  mutating func message(_ field: Int, _ message: ProtobufMessage) {
    tag(field, 2)
    varint(UInt64(message.bytes.count))
    bytes.append(contentsOf: message.bytes)
  }

  mutating func message(_ field: Int, _ fill: (inout ProtobufMessage) -> Void) {
    var inner = ProtobufMessage()
    fill(&inner)
    message(field, inner)
  }

  /// An entry of one of gnostic's ordered maps: name 1, value 2.
  mutating func named(_ field: Int, _ name: String, _ value: ProtobufMessage) {
    message(field) { entry in
      entry.text(1, name)
      entry.message(2, value)
    }
  }

  private mutating func tag(_ field: Int, _ wireType: UInt64) { varint(UInt64(field) << 3 | wireType) }

  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }
}
