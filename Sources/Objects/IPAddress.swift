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

  /// `0.0.0.0`
  public static let none = IPAddress(bytes: [0, 0, 0, 0])

  fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

  /// An IPv4 address in the clothes of an IPv6 one: `::ffff:1.2.3.4`.
  public var isIPv4Mapped: Bool {
    isIPv6 && bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
  }

  /// What is wrong with the text of an address, in the words of apimachinery; nil when nothing is.
  public static func problem(_ text: String) -> String? {
    if let address = IPAddress(text) {
      return address.isIPv4Mapped ? "must not be an IPv4-mapped IPv6 address" : nil
    }
    return withoutLeadingZeros(text) != nil
      ? "must not have leading 0s" : "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
  }

  /// An IPv4 address of which some numbers have leading zeros, which once were taken for decimal.
  public static func withoutLeadingZeros(_ text: String) -> IPAddress? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }) else {
      return nil
    }
    let numbers = parts.compactMap { UInt8($0) }
    return numbers.count == 4 ? IPAddress(numbers.map(String.init).joined(separator: ".")) : nil
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

extension IPAddress: CustomStringConvertible {
  /// The canonical form, that of RFC 5952 for IPv6.
  public var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = isIPv6 ? AF_INET6 : AF_INET
    guard bytes.withUnsafeBytes({ inet_ntop(family, $0.baseAddress, &text, socklen_t(INET6_ADDRSTRLEN)) }) != nil else {
      return ""
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// A block of addresses: `10.9.8.0/24`.
public struct CIDR: Hashable, Sendable, CustomStringConvertible {
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

  public var description: String { "\(address)/\(length)" }

  /// Whether the address names something inside of the block, rather than the block.
  public var hasHostBits: Bool {
    (length..<address.bytes.count * 8).contains { address.bytes[$0 / 8] & (UInt8(0x80) >> UInt8($0 % 8)) != 0 }
  }

  /// What is wrong with the text of a block, in the words of apimachinery; nil when nothing is.
  public static func problem(_ text: String) -> String? {
    if let block = CIDR(text) {
      if text.split(separator: "/").last?.first == "0", block.length != 0 {
        return "must not have leading 0s in IP or prefix length"
      }
      if block.address.isIPv4Mapped { return "must not have an IPv4-mapped IPv6 address" }
      return block.hasHostBits ? "must not have bits set beyond the prefix length" : nil
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 2, IPAddress.withoutLeadingZeros(String(parts[0])) != nil, let length = Int(parts[1]),
      (0...32).contains(length)
    {
      return "must not have leading 0s in IP or prefix length"
    }
    return "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
  }

  /// The whole IPv4 space.
  public static let none = CIDR(address: .none, length: 0)

  private init(address: IPAddress, length: Int) {
    self.address = address
    self.length = length
  }

  /// The block by its first address.
  public var masked: CIDR {
    var bytes = address.bytes
    for bit in length..<bytes.count * 8 { bytes[bit / 8] &= ~(UInt8(0x80) >> UInt8(bit % 8)) }
    return CIDR(address: IPAddress(bytes: bytes), length: length)
  }

  public func contains(_ other: CIDR) -> Bool {
    guard other.length >= length, other.address.bytes.count == address.bytes.count else { return false }
    return (0..<length).allSatisfy { bit in
      let mask = UInt8(0x80) >> UInt8(bit % 8)
      return other.address.bytes[bit / 8] & mask == address.bytes[bit / 8] & mask
    }
  }
}
