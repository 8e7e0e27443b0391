import JSONCore

extension FieldType {
  /// What Go writes for a field of this type that nobody set.
  public var zeroValue: JSON {
    switch self {
    case .string: .string("")
    case .bool: false
    case .int32, .int64, .double, .intOrString: 0
    case .quantity: "0"
    case .object: .emptyObject
    default: .null
    }
  }

  /// Whether Go's omitempty would drop the value.
  @inline(__always)
  func isZero(_ value: JSON) -> Bool {
    switch value {
    case .string(let text): text.isEmpty
    case .int(let number): number == 0
    case .double(let number): number == 0
    case .bool(let flag): !flag
    case .array(let elements): elements.isEmpty
    case .object(let members):
      if case .map = self { members.isEmpty } else { false }
    case .null: true
    case .encoded: false
    }
  }
}
