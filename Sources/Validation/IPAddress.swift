import Glibc

/// An IPv4 or IPv6 address, and prefixes of addresses.
public struct IPAddress: Hashable, Sendable {
  /// 4 or 16 bytes in network order.
  public let bytes: [UInt8]

  public var isIPv6: Bool { bytes.count == 16 }

  /// Nil when the text is no address in its usual form.
  public init?(_ text: String) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = withUnsafeBytes(of: &four) { Array($0) }
    } else if text.contains(":"), inet_pton(AF_INET6, text, &six) == 1 {
      bytes = withUnsafeBytes(of: &six) { Array($0) }
    } else {
      return nil
    }
  }

  public var isLoopback: Bool { isIPv6 ? bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1 : bytes[0] == 127 }

  public var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

  public var isLinkLocal: Bool {
    isIPv6 ? bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80 : bytes[0] == 169 && bytes[1] == 254
  }

  public var isLinkLocalMulticast: Bool {
    isIPv6 ? bytes[0] == 0xff && bytes[1] & 0x0f == 2 : bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0
  }
}

/// A block of addresses: `10.9.8.0/24`.
public struct CIDR: Hashable, Sendable {
  public let address: IPAddress
  public let length: Int

  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(String(parts[0])),
      parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
      let length = Int(parts[1]), length <= address.bytes.count * 8
    else { return nil }
    self.address = address
    self.length = length
  }

  public func contains(_ other: CIDR) -> Bool {
    guard other.length >= length, other.address.bytes.count == address.bytes.count else { return false }
    return (0..<length).allSatisfy { bit in
      let mask = UInt8(0x80) >> UInt8(bit % 8)
      return other.address.bytes[bit / 8] & mask == address.bytes[bit / 8] & mask
    }
  }
}
