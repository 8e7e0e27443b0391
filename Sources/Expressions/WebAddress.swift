/// The parts of an absolute URL or path (Go's `url.ParseRequestURI`).
public struct WebAddress: Sendable {
  public let text: String
  let scheme: String
  let host: String
  let path: String
  let query: [(key: String, values: [String])]

  static let none = WebAddress(text: "", scheme: "", host: "", path: "", query: [])

  private init(text: String, scheme: String, host: String, path: String, query: [(key: String, values: [String])]) {
    (self.text, self.scheme, self.host, self.path, self.query) = (text, scheme, host, path, query)
  }

  /// Nil for what is neither an absolute URL nor an absolute path.
  public init?(_ text: String) {
    guard !text.isEmpty, !text.utf8.contains(where: { $0 <= 32 || $0 == 127 }) else { return nil }
    var rest = text[...]
    var scheme = ""
    var host = ""
    if !rest.hasPrefix("/") {
      guard let colon = rest.firstIndex(of: ":") else { return nil }
      scheme = rest[..<colon].lowercased()
      guard let first = scheme.first, first.isLetter,
        scheme.allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
      else { return nil }
      rest = rest[rest.index(after: colon)...]
    }
    if rest.hasPrefix("//"), !scheme.isEmpty {
      rest = rest.dropFirst(2)
      let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
      host = String(rest[..<end].split(separator: "@", omittingEmptySubsequences: false).last ?? "")
      rest = rest[end...]
    }
    let mark = rest.firstIndex(of: "?")
    self.init(
      text: text, scheme: scheme, host: host, path: String(rest[..<(mark ?? rest.endIndex)]),
      query: mark.map { Self.query(rest[rest.index(after: $0)...]) } ?? [])
  }

  /// Without the port, and without the brackets of an IPv6 address.
  var hostname: String {
    if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return String(host[..<end].dropFirst()) }
    return host.lastIndex(of: ":").map { String(host[..<$0]) } ?? host
  }

  var port: String {
    let rest = host.hasPrefix("[") ? host.firstIndex(of: "]").map { host[host.index(after: $0)...] } ?? "" : host[...]
    return rest.lastIndex(of: ":").map { String(rest[rest.index(after: $0)...]) } ?? ""
  }

  private static func query(_ text: Substring) -> [(key: String, values: [String])] {
    var result: [(key: String, values: [String])] = []
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { unescaped($0) }
      let value = parts.count > 1 ? parts[1] : ""
      if let index = result.firstIndex(where: { $0.key == parts[0] }) {
        result[index].values.append(value)
      } else {
        result.append((parts[0], [value]))
      }
    }
    return result
  }

  private static func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 32 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A version as semver.org orders them.
public struct SemanticVersion: Sendable {
  let numbers: [UInt64]
  let stages: [String]

  static let zero = SemanticVersion(numbers: [0, 0, 0], stages: [])

  private init(numbers: [UInt64], stages: [String]) { (self.numbers, self.stages) = (numbers, stages) }

  /// `1.2.3-beta.1+build`; nil for any other text.
  public init?(_ text: String) {
    let core = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)[0]
    let parts = core.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let digits = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard digits.count == 3, digits.allSatisfy({ $0 == "0" || !$0.hasPrefix("0") }) else { return nil }
    let numbers = digits.compactMap { $0.utf8.allSatisfy { (48...57).contains($0) } ? UInt64($0) : nil }
    guard numbers.count == 3 else { return nil }
    let stages =
      parts.count > 1 ? parts[1].split(separator: ".", omittingEmptySubsequences: false).map(String.init) : []
    guard stages.allSatisfy({ !$0.isEmpty }) else { return nil }
    self.init(numbers: numbers, stages: stages)
  }

  func compare(_ other: SemanticVersion) -> Int {
    for (left, right) in zip(numbers, other.numbers) where left != right { return left < right ? -1 : 1 }
    if stages.isEmpty || other.stages.isEmpty {
      return stages.count == other.stages.count ? 0 : stages.isEmpty ? 1 : -1
    }
    for (left, right) in zip(stages, other.stages) where left != right {
      switch (UInt64(left), UInt64(right)) {
      case (let left?, let right?): return left < right ? -1 : 1
      case (.some, nil): return -1
      case (nil, .some): return 1
      default: return left < right ? -1 : 1
      }
    }
    return stages.count == other.stages.count ? 0 : stages.count < other.stages.count ? -1 : 1
  }
}
