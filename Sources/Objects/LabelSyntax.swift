/// What may stand in the key and in the value of a label, and the words for what may not.
public enum LabelSyntax {
  /// Bytes of the name part of a key, and of a value.
  public static let maximumLength = 63
  /// Bytes of the prefix part of a key.
  public static let maximumPrefixLength = 253

  /// What is wrong with a label key (`app`, `example.com/app`); empty when nothing is.
  public static func keyErrors(_ key: String) -> [String] {
    let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return ["a valid label key \(keyRule)\(prefixHint)"] }
    var errors: [String] = []
    if parts.count == 2 { errors += prefixErrors(parts[0]).map { "prefix part \($0)" } }
    let name = parts[parts.count - 1]
    if name.isEmpty {
      errors.append("name part must be non-empty")
    } else if name.count > maximumLength {
      errors.append("name part must be no more than \(maximumLength) bytes")
    }
    if !isName(name) { errors.append("name part \(keyRule)") }
    return errors
  }

  /// What is wrong with a label value; empty when nothing is.
  public static func valueErrors(_ value: String) -> [String] {
    var errors: [String] = []
    if value.utf8.count > maximumLength { errors.append("must be no more than \(maximumLength) bytes") }
    if !value.isEmpty && !isName(value.utf8[...]) {
      errors.append(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
          + "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
          + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")
    }
    return errors
  }

  private static let keyRule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  private static let prefixHint = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"

  private static let prefixRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    + "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

  private static func prefixErrors(_ prefix: Substring.UTF8View) -> [String] {
    if prefix.isEmpty { return ["must be non-empty"] }
    var errors: [String] = []
    if prefix.count > maximumPrefixLength { errors.append("must be no more than \(maximumPrefixLength) bytes") }
    let labels = prefix.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isSubdomain = labels.allSatisfy { label in
      guard let first = label.first, let last = label.last else { return false }
      return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
        && label.allSatisfy { isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
    if !isSubdomain { errors.append(prefixRule) }
    return errors
  }

  /// `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`
  private static func isName(_ text: Substring.UTF8View) -> Bool {
    guard let first = text.first, let last = text.last, isAlphanumeric(first), isAlphanumeric(last) else {
      return false
    }
    return text.allSatisfy { byte in
      isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
  }

  private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    (97...122).contains(byte) || (48...57).contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool { isLowerAlphanumeric(byte) || (65...90).contains(byte) }
}
