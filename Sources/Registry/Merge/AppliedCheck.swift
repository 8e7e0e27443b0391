import JSONCore
import Objects
import Schemas

/// Checks an applied configuration against its schema, in the words of structured-merge-diff.
struct AppliedCheck {
  private(set) var problems: [String] = []
  /// Where the check is: put together as text only where something is wrong.
  private var path: [Step] = []

  private enum Step {
    case field(String)
    case index(Int)
    case element(String)

    var shown: String {
      switch self {
      case .field(let name): "." + name
      case .index(let index): "[\(index)]"
      case .element(let element): FieldSet.shown(element)
      }
    }
  }

  /// - Returns: nil when all is well; several problems are listed one a line.
  static func problem(in object: JSON, _ schema: ObjectSchema) -> String? {
    var check = AppliedCheck()
    check.visit(object, .object(schema))
    if check.problems.count < 2 { return check.problems.first }
    return "errors:\n" + check.problems.map { "  " + $0 }.joined(separator: "\n")
  }

  private mutating func report(_ message: String) {
    problems.append(path.isEmpty ? message : "\(path.map(\.shown).joined()): \(message)")
  }

  private mutating func visit(_ value: JSON, _ shape: MergeShape, at step: Step) {
    path.append(step)
    visit(value, shape)
    path.removeLast()
  }

  private mutating func visit(_ value: JSON, _ shape: MergeShape) {
    if value.isNull { return }
    switch shape {
    case .deduced: break
    case .leaf(let type): visitLeaf(value, type)
    case .object(let schema): visitFields(value, schema)
    case .map(let type): visitEntries(value, type)
    case .set, .keyed: visitItems(value, shape)
    }
  }

  private mutating func visitFields(_ value: JSON, _ schema: ObjectSchema) {
    guard case .object(let members) = value else { return report("expected map, got &{\(value.goText)}") }
    for (name, value) in members {
      if let field = schema.field(name) {
        visit(value, field.mergeShape, at: .field(name))
      } else if !schema.preservesUnknownFields {
        path.append(.field(name))
        report("field not declared in schema")
        path.removeLast()
      }
    }
  }

  private mutating func visitEntries(_ value: JSON, _ type: FieldType) {
    guard case .object(let members) = value else { return report("expected map, got &{\(value.goText)}") }
    for (key, value) in members { visit(value, MergeShape(element: type), at: .field(key)) }
  }

  private mutating func visitItems(_ value: JSON, _ shape: MergeShape) {
    guard case .array(let items) = value else { return report("expected list, got &{\(value.goText)}") }
    guard let itemShape = shape.item else { return }
    var seen = Set<String>()
    for (index, item) in items.enumerated() {
      guard let element = shape.pathElement(of: item) else {
        report("element \(index): \(Self.problem(withItem: item, shape))")
        continue
      }
      if !seen.insert(element).inserted { report("duplicate entries for key \(FieldSet.shown(element))") }
      visit(item, itemShape, at: .element(element))
    }
  }

  private static func problem(withItem item: JSON, _ shape: MergeShape) -> String {
    if case .keyed(_, let keys) = shape {
      switch item {
      case .null: return "associative list with keys may not have a null element"
      case .object:
        let names = keys.names.map(Status.quoted).joined(separator: " ")
        return "associative list with keys has an element that omits all key fields [\(names)] "
          + "(and doesn't have default values for any key fields)"
      default: return "associative list with keys may not have non-map elements"
      }
    }
    switch item {
    case .null: return "associative list without keys has an element that's an explicit null"
    case .array: return "not supported: associative list with lists as elements"
    default: return "associative list without keys has an element that's a map type"
    }
  }

  private mutating func visitLeaf(_ value: JSON, _ type: FieldType) {
    switch type {
    case .object(let schema): visitFields(value, schema)
    case .map(let element): visitEntries(value, element)
    case .array(let element):
      guard case .array(let items) = value else { return report("expected list, got &{\(value.goText)}") }
      for (index, item) in items.enumerated() { visit(item, MergeShape(element: element), at: .index(index)) }
    case .bool:
      if value.bool == nil { report("expected boolean, got \(value.goValue)") }
    case .int32, .int64, .double:
      if value.double == nil { report("expected numeric (int or float), got \(value.goType)") }
    case .string, .bytes, .time, .microTime:
      if value.string == nil { report("expected string, got \(value.goValue)") }
    case .quantity, .intOrString:
      switch value {
      case .array, .object: report("expected any scalar, got &{\(value.goText)}")
      default: break
      }
    default: break
    }
  }
}

extension JSON {
  /// The value as Go's `%v` prints it: `map[a:1 b:[x y]]`.
  var goText: String {
    switch self {
    case .null: "<nil>"
    case .string(let text): text
    case .array(let elements): "[" + elements.map(\.goText).joined(separator: " ") + "]"
    case .object(let members): "map[" + members.map { "\($0.key):\($0.value.goText)" }.joined(separator: " ") + "]"
    default: text
    }
  }

  /// The type that Go's decoder gives the value.
  var goType: String {
    switch self {
    case .null: "<nil>"
    case .bool: "bool"
    case .int: "int64"
    case .double: "float64"
    case .string: "string"
    case .array: "[]interface {}"
    case .object: "map[string]interface {}"
    case .encoded(let text): text.value.goType
    }
  }

  /// The value as structured-merge-diff prints one of the wrong type.
  fileprivate var goValue: String {
    switch self {
    case .string: "&value.valueUnstructured{Value:\(text)}"
    default: "&value.valueUnstructured{Value:\(goText)}"
    }
  }
}
