import Values

extension RawJSON {
  /// A place in compact text that this program wrote, which moves on value by value and decodes none of them.
  ///
  /// It never leaves the text, whatever stands there.
  public struct Cursor {
    @usableFromInline let text: UnsafeBufferPointer<UInt8>
    @usableFromInline var index = 0

    public init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    /// The byte that comes next; zero at the end.
    @inlinable public var byte: UInt8 { index < text.count ? text[index] : 0 }

    /// Passes over the byte, if it is the one that comes next.
    @inlinable
    public mutating func take(_ byte: UInt8) -> Bool {
      if self.byte != byte { return false }
      index += 1
      return true
    }

    /// Passes over the byte, whatever it is.
    @inlinable public mutating func advance() { if index < text.count { index += 1 } }

    /// Passes over a string.
    /// - Parameter isPlain: whether there are no escapes in it.
    /// - Returns: what stands between its quotes, escapes as they are.
    @inlinable
    public mutating func string(isPlain: inout Bool) -> UnsafeBufferPointer<UInt8> {
      let first = min(index + 1, text.count)
      guard let base = text.baseAddress else { return text }
      isPlain = true
      index = first
      while index < text.count {
        if index + 8 <= text.count {
          let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
          let found = Bytes8.needsCare(UInt64(littleEndian: word))
          if found == 0 {
            index += 8
            continue
          }
          index += found.trailingZeroBitCount >> 3
        }
        if base[index] == UInt8(ascii: "\"") {
          defer { index += 1 }
          return UnsafeBufferPointer(start: base + first, count: index - first)
        }
        if base[index] == UInt8(ascii: "\\") {
          isPlain = false
          index = min(index + 2, text.count)
        } else {
          index += 1
        }
      }
      return UnsafeBufferPointer(start: base + first, count: index - first)
    }

    /// Passes over a value, and gives its text.
    @discardableResult
    public mutating func value() -> UnsafeBufferPointer<UInt8> {
      let first = index
      index = RawJSON.endOfValue(text, first)
      return UnsafeBufferPointer(rebasing: text[min(first, index)..<index])
    }

    /// Passes over a whole number; nil, with the place unchanged, for anything else and for what does not fit.
    @inlinable
    public mutating func integer() -> Int64? {
      var place = index
      let isNegative = place < text.count && text[place] == UInt8(ascii: "-")
      if isNegative { place += 1 }
      let digits = place
      // Counted downwards, for there is one number more below zero than above.
      var value: Int64 = 0
      while place < text.count, case let byte = text[place], byte >= 48, byte <= 57 {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        let (difference, carry) = product.subtractingReportingOverflow(Int64(byte - 48))
        if overflow || carry { return nil }
        value = difference
        place += 1
      }
      let next = place < text.count ? text[place] : 0
      if place == digits || next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") { return nil }
      if !isNegative, value == .min { return nil }
      index = place
      return isNegative ? value : -value
    }
  }
}
