/// Raw memory that JSON is written into; `String` and array bookkeeping would cost as much as the writing itself.
/// Whoever makes a writer must release it.
struct Writer {
  private var base: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int) {
    base = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  func release() { base.deallocate() }

  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  @inline(__always)
  private mutating func reserve(_ more: Int) {
    if count + more > capacity { grow(more) }
  }

  private mutating func grow(_ more: Int) {
    capacity = max(capacity * 2, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
  }

  @inline(__always)
  mutating func put(_ byte: UInt8) {
    reserve(1)
    base[count] = byte
    count += 1
  }

  mutating func put(literal text: StaticString) {
    reserve(text.utf8CodeUnitCount)
    (base + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    count += text.utf8CodeUnitCount
  }

  /// Text that is JSON already.
  mutating func copy(_ text: UnsafeBufferPointer<UInt8>) {
    guard let start = text.baseAddress else { return }
    reserve(text.count)
    (base + count).update(from: start, count: text.count)
    count += text.count
  }

  mutating func put(decimal value: Int64) {
    reserve(20)
    if value < 0 { put(UInt8(ascii: "-")) }
    var magnitude = value.magnitude
    var length = 1
    var rest = magnitude / 10
    while rest > 0 {
      length += 1
      rest /= 10
    }
    for position in stride(from: length - 1, through: 0, by: -1) {
      base[count + position] = UInt8(48 + magnitude % 10)
      magnitude /= 10
    }
    count += length
  }

  /// A number with the fewest digits that read back as the same; whole ones without a point.
  mutating func put(_ value: Double) {
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
      put(decimal: whole)
    } else {
      for byte in value.description.utf8 { put(byte) }
    }
  }

  /// A string with its quotes, escaped where JSON asks for it.
  @inline(__always)
  mutating func put(_ string: String) {
    if string.utf8.withContiguousStorageIfAvailable({ put($0) }) == nil {
      var copy = string
      copy.withUTF8 { put($0) }
    }
  }

  private mutating func put(_ text: UnsafeBufferPointer<UInt8>) {
    // A control character takes six bytes; words are stored in full, also where fewer bytes are left.
    reserve(text.count * 6 + 10)
    base[count] = UInt8(ascii: "\"")
    count += 1
    if let start = text.baseAddress {
      var index = 0
      while index + 8 <= text.count {
        let word = UnsafeRawPointer(start + index).loadUnaligned(as: UInt64.self)
        if Bytes8.needsCare(word) != 0 { break }
        UnsafeMutableRawPointer(base + count).storeBytes(of: word, as: UInt64.self)
        index += 8
        count += 8
      }
      while index < text.count {
        let byte = start[index]
        if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
          putEscape(byte)
        } else {
          base[count] = byte
          count += 1
        }
        index += 1
      }
    }
    base[count] = UInt8(ascii: "\"")
    count += 1
  }

  private mutating func putEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): put(literal: "\\\"")
    case UInt8(ascii: "\\"): put(literal: "\\\\")
    case 10: put(literal: "\\n")
    case 13: put(literal: "\\r")
    case 9: put(literal: "\\t")
    default:
      let digits: StaticString = "0123456789abcdef"
      put(literal: "\\u00")
      put(digits.utf8Start[Int(byte >> 4)])
      put(digits.utf8Start[Int(byte & 15)])
    }
  }
}

extension Writer {
  mutating func put(_ value: JSON) {
    switch value {
    case .null: put(literal: "null")
    case .bool(let value): value ? put(literal: "true") : put(literal: "false")
    case .int(let value): put(decimal: value)
    case .double(let value): put(value)
    case .string(let value): put(value)
    case .array(let elements): put(elements)
    case .object(let members): put(members)
    case .encoded(let text): copy(text.blob.bytes)
    }
  }

  private mutating func put(_ elements: [JSON]) {
    put(UInt8(ascii: "["))
    // No closures over the memory here: ten thousand levels of them would not fit on a thread's stack.
    for index in elements.indices {
      if index > 0 { put(UInt8(ascii: ",")) }
      put(elements[index])
    }
    put(UInt8(ascii: "]"))
  }

  private mutating func put(_ members: Members) {
    put(UInt8(ascii: "{"))
    for index in 0..<members.count {
      if index > 0 { put(UInt8(ascii: ",")) }
      put(members.key(at: index))
      put(UInt8(ascii: ":"))
      put(members.value(at: index))
    }
    put(UInt8(ascii: "}"))
  }
}
