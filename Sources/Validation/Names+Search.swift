extension Names {
  private static let searchLabel = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"

  /// A domain that resolvers search: a subdomain whose labels may hold underscores.
  static func searchDomain(_ name: String) -> [String] {
    var messages: [String] = []
    if name.utf8.count > subdomainMaximum { messages.append("must be no more than \(subdomainMaximum) characters") }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    if !labels.allSatisfy(isSearchLabel) {
      messages.append(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must "
          + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
          + "'\(searchLabel)(\\.\(searchLabel))*')")
    }
    return messages
  }

  private static func isSearchLabel(_ label: Substring) -> Bool {
    let rest = label.utf8.first == UInt8(ascii: "_") ? label.dropFirst() : label
    guard let first = rest.utf8.first, let last = rest.utf8.last else { return false }
    return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
      && rest.utf8.allSatisfy { isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
  }
}
