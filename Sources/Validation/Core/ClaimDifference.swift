import JSONCore
import Objects

/// The stock server shows a forbidden change of a claim as a unified diff of its Go values, and people read it.
enum ClaimDifference {
  /// - Returns: the changed lines with three lines around them, as `diff -u` writes a hunk.
  static func text(old: JSON?, new: JSON?) -> String {
    let before = lines(old ?? .emptyObject)
    let after = lines(new ?? .emptyObject)
    var start = 0
    while start < min(before.count, after.count), before[start] == after[start] { start += 1 }
    var end = 0
    while end < min(before.count, after.count) - start, before[before.count - 1 - end] == after[after.count - 1 - end] {
      end += 1
    }
    let first = max(0, start - context)
    let oldLast = min(before.count, before.count - end + context)
    let newLast = min(after.count, after.count - end + context)
    var result = "@@ -\(first + 1),\(oldLast - first) +\(first + 1),\(newLast - first) @@\n"
    for line in before[first..<start] { result += " \(line)\n" }
    for line in before[start..<before.count - end] { result += "-\(line)\n" }
    for line in after[start..<after.count - end] { result += "+\(line)\n" }
    for line in before[before.count - end..<oldLast] { result += " \(line)\n" }
    return result
  }

  private static let context = 3

  /// The fields in the order of the Go struct.
  private static let fields = [
    "accessModes", "selector", "resources", "volumeName", "storageClassName", "volumeMode", "dataSource",
    "dataSourceRef",
    "volumeAttributesClassName",
  ]

  private static func lines(_ spec: JSON) -> [String] {
    var body: [String] = []
    for (index, field) in fields.enumerated() {
      var value = spec[field] ?? (field == "volumeName" ? "" : .null)
      var rendered: [String]
      if field == "resources" {
        value = spec[field] ?? .emptyObject
        rendered =
          ["{"] + member("Limits", value["limits"] ?? .null, 2, comma: true)
          + member("Requests", value["requests"] ?? .null, 2, comma: false) + [" }"]
      } else {
        rendered = render(value, 1)
      }
      rendered[0] = " \"\(field.prefix(1).uppercased() + field.dropFirst())\": " + rendered[0]
      if index < fields.count - 1 { rendered[rendered.count - 1] += "," }
      body += rendered
    }
    return ["{"] + body + ["}"]
  }

  private static func member(_ name: String, _ value: JSON, _ level: Int, comma: Bool) -> [String] {
    var rendered = render(value, level)
    rendered[0] = String(repeating: " ", count: level) + "\"\(name)\": " + rendered[0]
    if comma { rendered[rendered.count - 1] += "," }
    return rendered
  }

  /// Indented JSON, one space a level; the first line without its indent.
  private static func render(_ value: JSON, _ level: Int) -> [String] {
    let indent = String(repeating: " ", count: level)
    switch value {
    case .array(let elements) where !elements.isEmpty:
      var result = ["["]
      for (index, element) in elements.enumerated() {
        var lines = render(element, level + 1)
        lines[0] = indent + " " + lines[0]
        if index < elements.count - 1 { lines[lines.count - 1] += "," }
        result += lines
      }
      return result + [indent + "]"]
    case .object(let members) where !members.isEmpty:
      var result = ["{"]
      for (index, entry) in members.enumerated() {
        result += member(entry.key, entry.value, level + 1, comma: index < members.count - 1)
      }
      return result + [indent + "}"]
    default: return [value.text]
    }
  }
}
