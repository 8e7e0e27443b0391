/// One clause of an Accept header, or a Content-Type: a media type with its parameters.
struct MediaType: Equatable {
  /// In lower case: `application/json`.
  var type: String
  /// Names in lower case.
  var parameters: [(name: String, value: String)]
  /// The preference, 0 to 1000.
  var quality = 1000

  subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

  /// The clauses of an Accept header in the order in which they are to be tried.
  static func accepted(_ header: String) -> [MediaType] {
    let clauses = header.split(separator: ",").compactMap { MediaType(String($0)) }.filter { $0.quality > 0 }
    // A stable sort: clauses of the same quality keep their order.
    return clauses.enumerated().sorted { left, right in
      (right.element.quality, left.offset) < (left.element.quality, right.offset)
    }.map(\.element)
  }

  init?(_ text: String) {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false)
    type = Self.trimmed(parts[0]).lowercased()
    guard !type.isEmpty else { return nil }
    parameters = []
    for part in parts.dropFirst() {
      guard let equals = part.firstIndex(of: "=") else { continue }
      let name = Self.trimmed(part[..<equals]).lowercased()
      var value = Self.trimmed(part[part.index(after: equals)...])
      if value.hasPrefix("\""), value.hasSuffix("\""), value.utf8.count > 1 {
        value = String(value.dropFirst().dropLast())
      }
      if name == "q" {
        let wanted = Double(value) ?? 1
        quality = wanted.isNaN ? 1000 : Int(min(max(wanted, 0), 1) * 1000)
      } else {
        parameters.append((name, value))
      }
    }
  }

  /// The media type alone, in lower case.
  static func bare(_ header: String) -> String {
    trimmed(header[..<(header.utf8.firstIndex(of: UInt8(ascii: ";")) ?? header.endIndex)]).lowercased()
  }

  /// By bytes: characters, which may be many scalars long, take many times as long to find.
  private static func trimmed(_ text: Substring) -> String {
    func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
    var bytes = text.utf8.drop(while: isSpace)
    while let last = bytes.last, isSpace(last) { bytes.removeLast() }
    return String(bytes) ?? ""
  }

  static func == (left: MediaType, right: MediaType) -> Bool {
    left.type == right.type && left.quality == right.quality
      && left.parameters.elementsEqual(right.parameters) { $0.name == $1.name && $0.value == $1.value }
  }
}
