import JSONCore

/// What is known of a value before it is there.
public indirect enum ValueType: Sendable {
  /// Anything: what it is turns out when it is there.
  case dynamic
  case null, bool, int, uint, double, string, bytes, duration, timestamp, type
  case list(ValueType)
  case map(ValueType, ValueType)
  case object(ObjectType)
  case optional(ValueType)
  /// A type of Kubernetes' own libraries: `Quantity`, `URL`, `IP`, `CIDR`, `Semver`, `Format`.
  case named(String)
}

/// The fields of an object, by the names that expressions use.
public final class ObjectType: Sendable {
  public struct Field: Sendable {
    /// The name in the object, which may hold characters that expressions cannot.
    public let key: String
    public let type: ValueType

    public init(key: String, type: ValueType) {
      self.key = key
      self.type = type
    }
  }

  public let name: String
  public let fields: [String: Field]

  public init(name: String, fields: [String: Field]) {
    self.name = name
    self.fields = fields
  }
}

extension ValueType {
  /// Whether a value of this type may stand where `wanted` is asked for.
  package func fits(_ wanted: ValueType) -> Bool {
    switch (self, wanted) {
    case (.dynamic, _), (_, .dynamic): true
    case (.null, .null), (.bool, .bool), (.int, .int), (.uint, .uint), (.double, .double), (.string, .string),
      (.bytes, .bytes), (.duration, .duration), (.timestamp, .timestamp), (.type, .type):
      true
    case (.list(let mine), .list(let other)): mine.fits(other)
    case (.map(let key, let value), .map(let otherKey, let otherValue)): key.fits(otherKey) && value.fits(otherValue)
    case (.object, .map), (.map, .object): true
    case (.object(let mine), .object(let other)): mine === other || mine.name == other.name
    case (.optional(let mine), .optional(let other)): mine.fits(other)
    case (.named(let mine), .named(let other)): mine == other
    case (.null, .object), (.object, .null), (.null, .duration), (.null, .timestamp), (.null, .named): true
    default: false
    }
  }

  var isOptional: Bool { if case .optional = self { true } else { false } }

  var isNumber: Bool {
    switch self {
    case .int, .uint, .double: true
    default: false
    }
  }

  /// Of two that are equally possible, what holds for both.
  func joined(_ other: ValueType) -> ValueType { name == other.name ? self : .dynamic }

  /// As errors name it.
  public var name: String {
    switch self {
    case .dynamic: "dyn"
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .duration: "google.protobuf.Duration"
    case .timestamp: "google.protobuf.Timestamp"
    case .type: "type"
    case .list(let element): "list(\(element.name))"
    case .map(let key, let value): "map(\(key.name), \(value.name))"
    case .object(let type): type.name
    case .optional(let value): "optional_type(\(value.name))"
    case .named(let name): "kubernetes.\(name)"
    }
  }
}
