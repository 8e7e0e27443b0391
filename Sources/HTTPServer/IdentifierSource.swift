import Values

/// Makes the random UUIDs (version 4) that answers are known by. Each loop has its own, so that it takes no lock.
struct IdentifierSource {
  /// The length of a UUID's text.
  static let length = 36

  private var state = UInt64.random(in: .min ... .max)

  /// SplitMix64.
  private mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// The next one as text.
  mutating func text() -> String {
    String(unsafeUninitializedCapacity: Self.length) { out in
      if let start = out.baseAddress { write(to: start) }
      return Self.length
    }
  }

  /// Writes the next one, `length` bytes in lower case.
  mutating func write(to out: UnsafeMutablePointer<UInt8>) {
    let digits = ("0123456789abcdef" as StaticString).utf8Start
    let last = out + Self.length
    var out = out
    func put(_ word: UInt64, digits first: Int, _ end: Int) {
      for digit in first..<end {
        out.initialize(to: digits[Int(word >> UInt64(60 - 4 * digit) & 15)])
        out += 1
      }
      if out < last {
        out.initialize(to: UInt8(ascii: "-"))
        out += 1
      }
    }
    let high = next() & 0xffff_ffff_ffff_0fff | 0x4000
    let low = next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
    put(high, digits: 0, 8)
    put(high, digits: 8, 12)
    put(high, digits: 12, 16)
    put(low, digits: 0, 4)
    put(low, digits: 4, 16)
  }
}
