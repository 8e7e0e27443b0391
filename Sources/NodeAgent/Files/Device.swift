/// A file of `/dev` whose bytes come from nowhere.
enum Device: Sendable, Equatable {
  case null
  case zero
  /// As `zero`; there is no room on it.
  case full
  case random

  private static let byPath: [String: Device] = [
    "dev/null": .null, "dev/zero": .zero, "dev/full": .full, "dev/random": .random, "dev/urandom": .random,
  ]

  /// - Parameter path: without a slash at its beginning.
  init?(path: String) {
    guard path.hasPrefix("dev/"), let device = Self.byPath[path] else { return nil }
    self = device
  }

  /// How much of it is taken by who wants no certain amount, in bytes.
  var piece: Int { self == .random ? 1 << 14 : 1 << 20 }

  /// Its next bytes; not more than a tree of files can hold.
  func text(_ count: Int, _ random: inout RandomBytes) -> String {
    let count = max(0, min(count, FileTree.byteLimit))
    switch self {
    case .null: return ""
    case .zero, .full: return String(repeating: "\0", count: count)
    case .random: return RawText.opaque(random.next(count))
    }
  }
}

/// The numbers behind `/dev/urandom`: SplitMix64, so that a seed makes a run repeatable.
struct RandomBytes: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      mixed ^= mixed >> 31
      for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: mixed >> shift)) }
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }
}
