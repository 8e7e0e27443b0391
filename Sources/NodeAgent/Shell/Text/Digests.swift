/// SHA-256 (FIPS 180-4), for `sha256sum`.
enum SHA256 {
  /// The fractions of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = primes(64).map { fraction(of: $0, root: 3) }
  /// Those of the square roots of the first eight.
  private static let start: [UInt32] = primes(8).map { fraction(of: $0, root: 2) }

  static func digest(of bytes: [UInt8]) -> String {
    var state = start
    for block in Digest.blocks(bytes, isBigEndian: true) {
      var words = block
      for index in 16..<64 {
        let (first, second) = (words[index - 15], words[index - 2])
        let low = right(first, 7) ^ right(first, 18) ^ first >> 3
        let high = right(second, 17) ^ right(second, 19) ^ second >> 10
        words.append(words[index - 16] &+ low &+ words[index - 7] &+ high)
      }
      var v = state
      for index in 0..<64 {
        let choice = v[4] & v[5] ^ ~v[4] & v[6]
        let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
        let one =
          v[7] &+ (right(v[4], 6) ^ right(v[4], 11) ^ right(v[4], 25)) &+ choice &+ constants[index] &+ words[index]
        let two = (right(v[0], 2) ^ right(v[0], 13) ^ right(v[0], 22)) &+ majority
        v = [one &+ two, v[0], v[1], v[2], v[3] &+ one, v[4], v[5], v[6]]
      }
      for index in state.indices { state[index] = state[index] &+ v[index] }
    }
    return state.map { Digest.hex($0) }.joined()
  }

  private static func right(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

  private static func primes(_ count: Int) -> [Int] {
    var primes: [Int] = []
    var number = 2
    while primes.count < count {
      if primes.allSatisfy({ number % $0 != 0 }) { primes.append(number) }
      number += 1
    }
    return primes
  }

  /// The first 32 bits behind the point of a root, found by halving: the largest whole number whose power is not above
  /// `number` · 2^(32·root).
  private static func fraction(of number: Int, root: Int) -> UInt32 {
    let target = Int128(number) << Int128(32 * root)
    var (low, high) = (Int128(0), Int128(1) << 37)
    while high - low > 1 {
      let middle = (low + high) / 2
      let power = root == 2 ? middle * middle : middle * middle * middle
      if power <= target { low = middle } else { high = middle }
    }
    return UInt32(truncatingIfNeeded: low)
  }
}

/// MD5 (RFC 1321), for `md5sum`.
enum MD5 {
  private static let shifts: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
  private static let constants: [UInt32] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
    0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
    0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
    0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
    0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
    0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
    0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
  ]

  static func digest(of bytes: [UInt8]) -> String {
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
    for words in Digest.blocks(bytes, isBigEndian: false) {
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      for index in 0..<64 {
        let mixed: UInt32
        let place: Int
        switch index / 16 {
        case 0: (mixed, place) = (b & c | ~b & d, index)
        case 1: (mixed, place) = (d & b | ~d & c, (5 * index + 1) % 16)
        case 2: (mixed, place) = (b ^ c ^ d, (3 * index + 5) % 16)
        default: (mixed, place) = (c ^ (b | ~d), 7 * index % 16)
        }
        let sum = a &+ mixed &+ constants[index] &+ words[place]
        let shift = shifts[index / 16][index % 4]
        (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
      }
      state = [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d]
    }
    return state.map { Digest.hex($0.byteSwapped) }.joined()
  }
}

/// What both have in common.
private enum Digest {
  /// The text with its end mark and length, as blocks of 16 words.
  static func blocks(_ bytes: [UInt8], isBigEndian: Bool) -> [[UInt32]] {
    var all = bytes + [0x80]
    while all.count % 64 != 56 { all.append(0) }
    let bits = UInt64(bytes.count) &* 8
    all += (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * (isBigEndian ? 7 - $0 : $0))) }
    return stride(from: 0, to: all.count, by: 64).map { start in
      (0..<16).map { word in
        let four = all[(start + 4 * word)..<(start + 4 * word + 4)]
        return (isBigEndian ? Array(four) : four.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
      }
    }
  }

  static func hex(_ word: UInt32) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
