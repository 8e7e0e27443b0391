/// The grammars of names, with the words that apimachinery's `validation` package finds for what breaks them.
/// Each returns no message for a good name.
public enum Names {
  static let labelMaximum = 63
  static let subdomainMaximum = 253

  private static let labelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
  private static let qualifiedPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"

  /// RFC 1123 label: most names that become part of a host name.
  public static func label(_ name: String) -> [String] {
    var messages = tooLong(name, labelMaximum)
    if isLabel(name[...]) { return messages }
    if isSubdomain(name) {
      messages.append("must not contain dots")
    } else {
      messages.append(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
          + "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '\(labelPattern)')"
      )
    }
    return messages
  }

  /// RFC 1123 subdomain: the names of most objects.
  public static func subdomain(_ name: String) -> [String] {
    var messages = tooLong(name, subdomainMaximum)
    if !isSubdomain(name) {
      messages.append(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
          + "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
          + "'\(labelPattern)(\\.\(labelPattern))*')")
    }
    return messages
  }

  /// RFC 1035 label: the names of custom kinds and of their versions.
  public static func label1035(_ name: String) -> [String] {
    var messages = tooLong(name, labelMaximum)
    let startsWithLetter = name.utf8.first.map { (97...122).contains($0) } ?? false
    if !startsWithLetter || !isLabel(name[...]) {
      messages.append(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
          + "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
          + "'[a-z]([-a-z0-9]*[a-z0-9])?')")
    }
    return messages
  }

  /// A wildcard host: `*.example.com`.
  public static func wildcardSubdomain(_ name: String) -> [String] {
    var messages = tooLong(name, subdomainMaximum)
    if !(name.hasPrefix("*.") && isSubdomain(String(name.dropFirst(2)))) {
      messages.append(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
          + "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', "
          + "regex used for validation is '\\*\\.\(labelPattern)(\\.\(labelPattern))*')")
    }
    return messages
  }

  /// A key of a label or annotation: an optional DNS prefix and a name.
  public static func qualified(_ name: String) -> [String] {
    if isGoodQualified(name) { return [] }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    var messages: [String] = []
    let last: String
    switch parts.count {
    case 1: last = parts[0]
    case 2:
      last = parts[1]
      if parts[0].isEmpty {
        messages.append("prefix part must be non-empty")
      } else {
        messages += subdomain(parts[0]).map { "prefix part " + $0 }
      }
    default:
      return [
        "a valid label key " + qualifiedWords("must consist of", "MyName", "my.name", "123-abc", qualifiedPattern)
          + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
      ]
    }
    if last.isEmpty { messages.append("name part must be non-empty") }
    if last.utf8.count > labelMaximum { messages.append("name part must be no more than \(labelMaximum) bytes") }
    if !isQualified(last) {
      messages.append(
        "name part " + qualifiedWords("must consist of", "MyName", "my.name", "123-abc", qualifiedPattern))
    }
    return messages
  }

  /// The value of a label.
  public static func labelValue(_ value: String) -> [String] {
    var messages: [String] = []
    if value.utf8.count > labelMaximum { messages.append("must be no more than \(labelMaximum) bytes") }
    if !value.isEmpty && !isQualified(value) {
      messages.append(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
          + "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
          + "'(\(qualifiedPattern))?')")
    }
    return messages
  }

  /// A key of a ConfigMap or Secret.
  public static func configKey(_ key: String) -> [String] {
    var messages = tooLong(key, subdomainMaximum)
    if key.isEmpty || !key.utf8.allSatisfy({ isAlphanumeric($0) || $0 == 45 || $0 == 46 || $0 == 95 }) {
      messages.append(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
          + "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")
    }
    if key == "." { messages.append("must not be '.'") }
    if key == ".." {
      messages.append("must not be '..'")
    } else if key.hasPrefix("..") {
      messages.append("must not start with '..'")
    }
    return messages
  }

  /// A name that only has to fit in a URL's path.
  public static func pathSegment(_ name: String) -> [String] {
    if name == "." { return ["may not be '.'"] }
    if name == ".." { return ["may not be '..'"] }
    return ["/", "%"].filter { name.contains($0) }.map { "may not contain '\($0)'" }
  }

  /// The name of a container port or a service's target port (IANA service name).
  public static func portName(_ name: String) -> [String] {
    var messages: [String] = []
    let bytes = Array(name.utf8)
    if bytes.count > 15 { messages.append("must be no more than 15 characters") }
    if !bytes.allSatisfy({ isLowerAlphanumeric($0) || $0 == 45 }) || bytes.isEmpty {
      messages.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    }
    if !bytes.contains(where: { (97...122).contains($0) }) {
      messages.append("must contain at least one letter (a-z)")
    }
    if name.contains("--") { messages.append("must not contain consecutive hyphens") }
    if let first = bytes.first, let last = bytes.last, first == 45 || last == 45 {
      messages.append("must not begin or end with a hyphen")
    }
    return messages
  }

  /// A name that something is added to: it may end in a dash.
  static func prefix(_ name: String, _ grammar: (String) -> [String]) -> [String] {
    grammar(name.hasSuffix("-") ? name.dropLast() + "a" : name)
  }

  private static func qualifiedWords(_ start: String, _ a: String, _ b: String, _ c: String, _ pattern: String)
    -> String
  {
    "\(start) alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
      + "(e.g. '\(a)',  or '\(b)',  or '\(c)', regex used for validation is '\(pattern)')"
  }

  private static func tooLong(_ name: String, _ limit: Int) -> [String] {
    name.utf8.count > limit ? ["must be no more than \(limit) characters"] : []
  }

  /// Whether there is nothing to say about a key; most have nothing, and this takes them no memory.
  private static func isGoodQualified(_ name: String) -> Bool {
    let bytes = name.utf8
    guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else {
      return bytes.count <= labelMaximum && isQualified(name)
    }
    let last = name[bytes.index(after: slash)...]
    return bytes.distance(from: bytes.startIndex, to: slash) <= subdomainMaximum && last.utf8.count <= labelMaximum
      && isQualified(last) && name[..<slash].utf8.allSatisfy { isLowerAlphanumeric($0) || $0 == 45 || $0 == 46 }
      && isSubdomain(name[..<slash])
  }

  static func isLabel(_ name: Substring) -> Bool {
    guard let first = name.utf8.first, let last = name.utf8.last else { return false }
    return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
      && name.utf8.allSatisfy { isLowerAlphanumeric($0) || $0 == 45 }
  }

  /// Labels with dots between them.
  static func isSubdomain(_ name: some StringProtocol) -> Bool {
    var isInside = false
    var last: UInt8 = 0
    for byte in name.utf8 {
      if byte == UInt8(ascii: ".") {
        guard isInside, last != UInt8(ascii: "-") else { return false }
        isInside = false
      } else {
        guard isLowerAlphanumeric(byte) || isInside && byte == UInt8(ascii: "-") else { return false }
        isInside = true
      }
      last = byte
    }
    return isInside && last != UInt8(ascii: "-")
  }

  static func isQualified(_ name: some StringProtocol) -> Bool {
    guard let first = name.utf8.first, isAlphanumeric(first) else { return false }
    var last = first
    for byte in name.utf8 {
      guard isAlphanumeric(byte) || byte == 45 || byte == 46 || byte == 95 else { return false }
      last = byte
    }
    return isAlphanumeric(last)
  }

  static func isLowerAlphanumeric(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }

  static func isAlphanumeric(_ byte: UInt8) -> Bool { isLowerAlphanumeric(byte) || (65...90).contains(byte) }
}
