/// A block of IPv4 addresses: `10.96.0.0/16`.
public struct AddressRange: Sendable, Equatable {
  /// The network address in host order.
  public var base: UInt32
  public var prefixLength: Int

  public init(base: UInt32, prefixLength: Int) {
    self.prefixLength = min(max(prefixLength, 0), 32)
    self.base = base & Self.mask(self.prefixLength)
  }

  /// Reads CIDR notation; nil when the text is not that.
  public init?(_ text: String) {
    let parts = text.split(separator: "/")
    guard parts.count == 2, let address = Self.address(String(parts[0])), let length = Int(parts[1]),
      (0...32).contains(length)
    else { return nil }
    self.init(base: address, prefixLength: length)
  }

  public var description: String { "\(Self.text(base))/\(prefixLength)" }

  /// How many addresses can be given out: neither the first (the network) nor the last (broadcast).
  public var count: Int { max((1 << (32 - prefixLength)) - 2, 0) }

  /// The first address that can be given out; the cluster's own service has it.
  public var first: String { self[0] }

  /// - Parameter index: from 0 to `count` - 1.
  public subscript(index: Int) -> String { Self.text(base &+ 1 &+ UInt32(truncatingIfNeeded: index)) }

  /// Whether the address is in the block, the network's and the broadcast address included.
  public func covers(_ text: String) -> Bool {
    Self.address(text).map { $0 & Self.mask(prefixLength) == base } ?? false
  }

  /// Whether the address can be given out.
  public func contains(_ text: String) -> Bool {
    guard let address = Self.address(text) else { return false }
    return covers(text) && address != base && address != base | ~Self.mask(prefixLength)
  }

  /// Dotted decimal without leading zeros, in host order.
  public static func address(_ text: String) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var result: UInt32 = 0
    for part in parts {
      guard let value = UInt8(part), part == String(value) else { return nil }
      result = result << 8 | UInt32(value)
    }
    return result
  }

  public static func text(_ address: UInt32) -> String {
    [24, 16, 8, 0].map { String(address >> UInt32($0) & 255) }.joined(separator: ".")
  }

  private static func mask(_ length: Int) -> UInt32 { length == 0 ? 0 : ~UInt32(0) << UInt32(32 - length) }
}
