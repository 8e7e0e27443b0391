import JSONCore
import Objects

/// Names and addresses that many kinds hold.
extension Findings {
  /// A path below a domain: `acme.io/foo`.
  mutating func domainPath(_ path: Path, _ text: String) {
    if text.isEmpty { return required(path) }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      return invalid(path, .string(text), "must be a domain-prefixed path (such as \"acme.io/foo\")")
    }
    invalid(path, parts[0], messages: Names.subdomain(parts[0]))
  }

  /// A host name with its domain (`IsFullyQualifiedDomainName`).
  mutating func domainName(_ path: Path, _ text: String) {
    if text.isEmpty { return required(path) }
    let name = text.hasSuffix(".") ? String(text.dropLast()) : text
    let messages = Names.subdomain(name)
    if !messages.isEmpty { return invalid(path, name, messages: messages) }
    if name.split(separator: ".").count < 2 {
      invalid(path, .string(name), "should be a domain with at least two segments separated by dots")
    }
    for label in name.split(separator: ".").map(String.init) {
      for message in Names.label(label) { invalid(path, .string(label), message) }
    }
  }

  /// One IP address of either family.
  mutating func ipAddress(_ path: Path, _ text: String) {
    if let problem = IPAddress.problem(text) { invalid(path, .string(text), problem) }
  }

  /// A block of addresses of either family.
  mutating func addressBlock(_ path: Path, _ text: String) {
    if let problem = CIDR.problem(text) { invalid(path, .string(text), problem) }
  }

  /// An address that traffic can be sent to from elsewhere (`ValidateNonSpecialIP`).
  mutating func ordinaryAddress(_ path: Path, _ text: String) {
    guard let address = IPAddress(text), !address.isIPv4Mapped else { return ipAddress(path, text) }
    if address.isUnspecified { invalid(path, .string(text), "may not be unspecified (\(text))") }
    if address.isLoopback { invalid(path, .string(text), "may not be in the loopback range (127.0.0.0/8, ::1/128)") }
    if address.isLinkLocal {
      invalid(path, .string(text), "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    }
    if address.isLinkLocalMulticast {
      invalid(path, .string(text), "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    }
  }
}
