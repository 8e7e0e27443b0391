import JSONCore
import Values

extension YAML {
  /// JSON as block YAML, keys sorted, the way `kubectl get -o yaml` prints objects.
  static func text(of json: JSON) -> String {
    var out = ""
    write(json, indent: 0, isInList: false, to: &out)
    return out
  }

  private static func write(_ json: JSON, indent: Int, isInList: Bool, to out: inout String) {
    let pad = String(repeating: " ", count: indent)
    switch json {
    case .object(let members) where !members.isEmpty:
      for (index, (key, value)) in members.enumerated() {
        if index > 0 || !isInList { out += pad }
        out += plain(key) + ":"
        nested(value, indent: indent, to: &out)
      }
    case .array(let elements) where !elements.isEmpty:
      for (index, element) in elements.enumerated() {
        if index > 0 || !isInList { out += pad }
        out += "- "
        write(element, indent: indent + 2, isInList: true, to: &out)
      }
    default: out += scalar(json) + "\n"
    }
  }

  private static func nested(_ value: JSON, indent: Int, to out: inout String) {
    switch value {
    case .object(let members) where !members.isEmpty:
      out += "\n"
      write(value, indent: indent + 2, isInList: false, to: &out)
    case .array(let elements) where !elements.isEmpty:
      out += "\n"
      write(value, indent: indent, isInList: false, to: &out)
    case .string(let text) where text.contains("\n"):
      out += " " + block(text, indent: indent + 2)
    default: out += " " + scalar(value) + "\n"
    }
  }

  private static func scalar(_ json: JSON) -> String {
    switch json {
    case .string(let text): plain(text)
    case .object: "{}"
    case .array: "[]"
    default: json.text
    }
  }

  /// A text of several lines; quoted where a block would lose something of it.
  private static func block(_ text: String, indent: Int) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let isSafe =
      !text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" }
      && !(lines.first?.hasPrefix(" ") ?? false) && !text.hasSuffix("\n\n") && lines.first?.isEmpty == false
    guard isSafe else { return JSON.string(text).text + "\n" }
    let pad = String(repeating: " ", count: indent)
    let body = text.hasSuffix("\n") ? lines.dropLast() : lines[...]
    return (text.hasSuffix("\n") ? "|\n" : "|-\n") + body.map { $0.isEmpty ? "\n" : pad + $0 + "\n" }.joined()
  }

  /// A text without quotes where it reads back as the same text.
  private static func plain(_ text: String) -> String {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return "\"\"" }
    let isPlain =
      isPlainStart(first) && last != " " && last != ":" && !text.contains(": ") && !text.contains(" #")
      && text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
      && reads(asText: text)
    return isPlain ? text : JSON.string(text).text
  }

  private static func isPlainStart(_ scalar: Unicode.Scalar) -> Bool {
    !" !\"#%&'*,-:>?@[]`{|}=<~".unicodeScalars.contains(scalar)
  }

  /// Whether a YAML reader takes the bare word for a text, not for a number, a boolean or a date.
  private static func reads(asText text: String) -> Bool {
    guard let reading = try? read(Array(text.utf8)), reading.json == .string(text) else { return false }
    return !(text.utf8.first.map { $0 >= 48 && $0 <= 57 } ?? false && text.contains("-") && text.contains(":"))
  }
}
