import JSONCore

/// The labels of an object, sorted by key, with a mask by which a scan skips what cannot match.
public struct Labels: Sendable, Equatable {
  public let pairs: [(key: String, value: String)]
  /// The union of `mask(key:value:)` over all pairs (a Bloom filter of 64 bits).
  public let mask: UInt64

  public init(_ json: JSON?) {
    self.init((json?.object ?? Members()).compactMap { member in member.value.string.map { (member.key, $0) } })
  }

  public init(_ pairs: [(String, String)]) {
    self.pairs = pairs.map { (key: $0.0, value: $0.1) }
    self.mask = pairs.reduce(0) { $0 | Self.mask(key: $1.0, value: $1.1) }
  }

  /// From the text of `metadata.labels` as it is stored.
  init(raw: RawJSON) {
    var pairs: [(String, String)] = []
    raw.forEachMember { pairs.append(($0.string, $1.string)) }
    self.init(pairs)
  }

  public subscript(key: String) -> String? { pairs.first { $0.key == key }?.value }

  /// Three bits out of 64 for a pair.
  public static func mask(key: String, value: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for byte in key.utf8 { mix(byte) }
    mix(0)
    for byte in value.utf8 { mix(byte) }
    hash ^= hash >> 29
    return 1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63)
  }

  public static func == (left: Labels, right: Labels) -> Bool {
    left.pairs.elementsEqual(right.pairs) { $0.key == $1.key && $0.value == $1.value }
  }
}
