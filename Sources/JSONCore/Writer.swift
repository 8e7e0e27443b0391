import Values

/// Raw memory that JSON is written into; `String` and array bookkeeping would cost as much as the writing itself.
public struct Writer: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  /// How many bytes are written.
  public private(set) var count = 0
  private var capacity: Int

  /// - Parameter capacity: how many bytes it takes before it has to look for more memory; at least one.
  public init(capacity: Int) {
    base = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { base.deallocate() }

  /// What is written so far; valid until something is written, and no longer than the writer lives.
  public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  /// What is written so far, in memory of its own.
  public var blob: Blob {
    let bytes = bytes
    return Blob(count: count) { target in _ = target.initialize(from: bytes) }
  }

  /// Takes back all that was written since there were `count` bytes.
  public mutating func truncate(to count: Int) { self.count = min(count, self.count) }

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

  /// Text that is JSON already.
  public mutating func put(_ byte: UInt8) {
    reserve(1)
    base[count] = byte
    count += 1
  }

  /// Text that is JSON already.
  public mutating func put(literal text: StaticString) {
    reserve(text.utf8CodeUnitCount)
    (base + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    count += text.utf8CodeUnitCount
  }

  /// Text that is JSON already.
  public mutating func copy(_ text: UnsafeBufferPointer<UInt8>) {
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
  public mutating func put(_ string: String) {
    if string.utf8.withContiguousStorageIfAvailable({ put(string: $0) }) == nil {
      var copy = string
      copy.withUTF8 { put(string: $0) }
    }
  }

  /// A string in UTF-8 with its quotes, escaped where JSON asks for it.
  public mutating func put(string text: UnsafeBufferPointer<UInt8>) {
    // A control character takes six bytes; words are stored in full, also where fewer bytes are left.
    reserve(text.count * 6 + 10)
    base[count] = UInt8(ascii: "\"")
    count += 1
    if let start = text.baseAddress {
      if copyPlain(start, text.count) { count += text.count } else { escape(text) }
    }
    base[count] = UInt8(ascii: "\"")
    count += 1
  }

  /// Copies text behind what is written, without counting it yet.
  /// - Returns: false when it needs escapes, and must be written in another way.
  @inline(__always)
  private func copyPlain(_ start: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    let source = UnsafeRawPointer(start)
    let target = UnsafeMutableRawPointer(base + count)
    if length < 4 {
      for offset in 0..<length {
        if Self.needsEscape(start[offset]) { return false }
        target.storeBytes(of: start[offset], toByteOffset: offset, as: UInt8.self)
      }
      return true
    }
    if length < 8 {
      // Two halves that overlap.
      let (first, last) = (source.loadUnaligned(as: UInt32.self), (source + length - 4).loadUnaligned(as: UInt32.self))
      target.storeBytes(of: first, as: UInt32.self)
      target.storeBytes(of: last, toByteOffset: length - 4, as: UInt32.self)
      return Bytes8.needsCare(UInt64(first) | UInt64(last) << 32) == 0
    }
    var found: UInt64 = 0
    var offset = 0
    while offset < length {
      // The last word overlaps the one before.
      offset = min(offset, length - 8)
      let word = (source + offset).loadUnaligned(as: UInt64.self)
      found |= Bytes8.needsCare(word)
      target.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
      offset += 8
    }
    return found == 0
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
    for byte in text {
      if Self.needsEscape(byte) {
        putEscape(byte)
      } else {
        base[count] = byte
        count += 1
      }
    }
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
