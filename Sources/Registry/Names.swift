import Synchronization

/// Where random names, uids and free addresses come from: a local generator, so that a seed makes a run repeatable.
public final class NameSource: Sendable {
  private let state: Mutex<UInt64>

  /// - Parameter seed: nil takes one from the system.
  public init(seed: UInt64? = nil) {
    state = Mutex(seed ?? UInt64.random(in: .min ... .max))
  }

  /// The letters of generated names: no vowels, so no words; no digits that look like letters.
  public static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)

  /// SplitMix64.
  public func next() -> UInt64 {
    state.withLock { state in
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
  }

  /// A number from 0 to `bound` - 1.
  public func next(below bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

  /// `count` letters (at most 12) out of `alphabet`.
  public func suffix(_ count: Int = 5) -> String {
    var value = next()
    let letters = Self.alphabet
    return String(unsafeUninitializedCapacity: count) { out in
      for index in 0..<count {
        out[index] = letters[Int(value % UInt64(letters.count))]
        value /= UInt64(letters.count)
      }
      return count
    }
  }

  /// What `metadata.generateName` becomes: the base, cut to 58 characters, and five letters.
  public func name(from base: String) -> String { String(base.prefix(58)) + suffix() }

  /// A random UUID (version 4) in its usual lower-case form.
  public func uid() -> String {
    let high = next() & 0xffff_ffff_ffff_0fff | 0x4000
    let low = next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
    let digits = ("0123456789abcdef" as StaticString).utf8Start
    return String(unsafeUninitializedCapacity: 36) { out in
      var position = 0
      for index in 0..<32 {
        if index == 8 || index == 12 || index == 16 || index == 20 {
          out[position] = UInt8(ascii: "-")
          position += 1
        }
        let word = index < 16 ? high : low
        out[position] = digits[Int(word >> UInt64(60 - 4 * (index & 15)) & 15)]
        position += 1
      }
      return position
    }
  }
}
