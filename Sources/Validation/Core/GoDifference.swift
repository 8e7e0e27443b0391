import JSONCore
import Objects

/// The stock server shows a forbidden change as a unified diff of its Go values, and people read it.
enum GoDifference {
  /// - Returns: the changed lines with three lines around them, as `diff -u` writes a hunk.
  static func text(_ old: JSON?, _ new: JSON?, _ shape: GoShape) -> String {
    let before = shape.lines(old ?? .emptyObject)
    let after = shape.lines(new ?? .emptyObject)
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
}

extension GoShape {
  /// Indented JSON, one space a level.
  func lines(_ value: JSON?) -> [String] { lines(value, 0) }

  /// The first line is without its indent.
  private func lines(_ value: JSON?, _ level: Int) -> [String] {
    let indent = String(repeating: " ", count: level)
    switch self {
    case .plain(let zero): return value.map { Self.lines(of: $0, level) } ?? [zero]
    case .pointer(let shape): return value == nil ? ["null"] : shape.lines(value, level)
    case .tagged(let names):
      let members = names.compactMap { name in
        value?[name].map { ("\(indent) \"\(name)\": ", Self.lines(of: $0, level + 1)) }
      }
      return members.isEmpty ? ["{}"] : Self.joined("{", members, indent + "}")
    case .list(let shape):
      guard let elements = value?.array else { return ["null"] }
      if elements.isEmpty { return ["[]"] }
      return Self.joined("[", elements.map { (indent + " ", shape.lines($0, level + 1)) }, indent + "]")
    case .structure(let fields):
      let members = fields.map { field in
        ("\(indent) \"\(field.goName)\": ", field.shape.lines(value?[field.name], level + 1))
      }
      return Self.joined("{", members, indent + "}")
    }
  }

  /// A value that has no shape of its own.
  private static func lines(of value: JSON, _ level: Int) -> [String] {
    let indent = String(repeating: " ", count: level)
    switch value {
    case .array(let elements) where !elements.isEmpty:
      return joined("[", elements.map { (indent + " ", lines(of: $0, level + 1)) }, indent + "]")
    case .object(let members) where !members.isEmpty:
      let entries = members.map { ("\(indent) \"\($0.key)\": ", lines(of: $0.value, level + 1)) }
      return joined("{", entries, indent + "}")
    default: return [value.text]
    }
  }

  private static func joined(_ open: String, _ parts: [(String, [String])], _ close: String) -> [String] {
    var result = [open]
    for (index, part) in parts.enumerated() {
      var lines = part.1
      lines[0] = part.0 + lines[0]
      if index < parts.count - 1 { lines[lines.count - 1] += "," }
      result += lines
    }
    return result + [close]
  }
}

extension GoShape {
  private static let reference: [Field] = [
    Field("apiGroup", as: "APIGroup"), Field("kind", .string), Field("name", .string),
  ]

  static let claimSpec = GoShape.structure([
    Field("accessModes"), Field("selector"), Field("resources", .structure([Field("limits"), Field("requests")])),
    Field("volumeName", .string), Field("storageClassName"), Field("volumeMode"),
    Field("dataSource", .pointer(.structure(reference))),
    Field("dataSourceRef", .pointer(.structure(reference + [Field("namespace")]))),
    Field("volumeAttributesClassName"),
  ])

  static let roleReference = GoShape.structure([
    Field("apiGroup", .string, as: "APIGroup"), Field("kind", .string), Field("name", .string),
  ])

  static let nodeSelectorTerm = GoShape.structure([
    Field("matchExpressions", .list(nodeRequirement)), Field("matchFields", .list(nodeRequirement)),
  ])

  private static let nodeRequirement = GoShape.structure([
    Field("key", .string), Field("operator", .string), Field("values"),
  ])

  static let volumeNodeAffinity = GoShape.structure([
    Field("required", .pointer(.structure([Field("nodeSelectorTerms", .list(nodeSelectorTerm))])))
  ])
}
