import JSONCore

/// How server-side apply and validation see a list.
public enum ListType: String, Sendable {
  case atomic, set, map
}

/// How a strategic merge patch treats a list or a struct.
public struct PatchStrategy: Sendable, Hashable {
  public var merges: Bool
  public var retainsKeys: Bool
  public var replaces: Bool

  public init(merges: Bool = false, retainsKeys: Bool = false, replaces: Bool = false) {
    self.merges = merges
    self.retainsKeys = retainsKeys
    self.replaces = replaces
  }
}

/// What the stock server makes of a field without a value, and of one with the zero value of its type.
public enum ZeroRule: String, Sendable {
  /// Given is given, `0` and `""` included; absent stays absent.
  case keep
  /// A zero value is dropped.
  case omit
  /// Always written: an absent one becomes `""`, 0, false, `{}`, or null for lists, maps and times.
  case show
}

/// One field of an object.
public final class Field: Sendable {
  public let name: String
  /// The field in a `fieldsV1`: `f:` and its name. Kept here because every write needs it for many fields.
  public let pathElement: String
  /// The protobuf field number; several when JSON inlines what protobuf nests; none when it does not travel there.
  public let numbers: [Int]
  public let type: FieldType
  public let isRequired: Bool
  /// What the field becomes when its object exists and it is absent.
  public let defaultValue: JSON?
  public let zero: ZeroRule
  public let listType: ListType?
  /// The fields that tell the elements of a map-like list apart.
  public let listKeys: [String]
  public let patchStrategy: PatchStrategy
  public let mergeKey: String?
  /// Whether a map or object has one owner as a whole; nil leaves that to the type.
  public let isMapAtomic: Bool?
  public let allowedValues: [String]
  public let minimum: Int64?
  public let maximum: Int64?
  public let isImmutable: Bool
  /// Whether null is a value here, rather than absence (custom resources only).
  public let isNullable: Bool
  /// How values of the field merge in server-side apply, and who can own what of them.
  public let mergeShape: MergeShape
  private let text: Documentation

  public var documentation: String { text.string }

  init(name: String, type: FieldType, attributes: FieldAttributes) {
    self.name = name
    self.pathElement = "f:" + name
    self.type = type
    self.numbers = attributes.numbers
    self.isRequired = attributes.isRequired
    self.defaultValue = attributes.defaultValue
    self.zero = attributes.zero ?? Self.usualZero(of: type, isRequired: attributes.isRequired)
    self.listType = attributes.listType
    self.listKeys = attributes.listKeys
    self.patchStrategy = attributes.patchStrategy
    self.mergeKey = attributes.mergeKey
    self.isMapAtomic = attributes.isMapAtomic
    self.allowedValues = attributes.allowedValues
    self.minimum = attributes.minimum
    self.maximum = attributes.maximum
    self.isImmutable = attributes.isImmutable
    self.isNullable = attributes.isNullable
    self.mergeShape = MergeShape(
      type, isAtomic: attributes.isMapAtomic, attributes.listType, keys: attributes.listKeys)
    self.text = attributes.documentation
  }

  /// A field of a custom resource.
  public convenience init(
    name: String, type: FieldType, isRequired: Bool = false, isNullable: Bool = false, defaultValue: JSON? = nil,
    listType: ListType? = nil, listKeys: [String] = [], isMapAtomic: Bool? = nil, documentation: String = ""
  ) {
    var attributes = FieldAttributes()
    attributes.isRequired = isRequired
    attributes.isNullable = isNullable
    attributes.defaultValue = defaultValue
    attributes.zero = .keep
    attributes.listType = listType
    attributes.listKeys = listKeys
    attributes.isMapAtomic = isMapAtomic
    attributes.documentation = .text(documentation)
    self.init(name: name, type: type, attributes: attributes)
  }

  /// Go writes required fields always, and leaves out empty strings, lists and maps; other optional fields are pointers.
  private static func usualZero(of type: FieldType, isRequired: Bool) -> ZeroRule {
    if isRequired { return .show }
    switch type {
    case .string, .array, .map, .bytes: return .omit
    default: return .keep
    }
  }
}

/// All that a line says of a field beside its name and type.
struct FieldAttributes {
  var numbers: [Int] = []
  var isRequired = false
  var defaultValue: JSON?
  var zero: ZeroRule?
  var listType: ListType?
  var listKeys: [String] = []
  var patchStrategy = PatchStrategy()
  var mergeKey: String?
  var isMapAtomic: Bool?
  var allowedValues: [String] = []
  var minimum: Int64?
  var maximum: Int64?
  var isImmutable = false
  var isNullable = false
  var documentation = Documentation.text("")
}

/// A description: a piece of the binary, or a text of a CustomResourceDefinition.
enum Documentation: Sendable {
  case embedded(EmbeddedText)
  case text(String)

  var string: String {
    switch self {
    case .embedded(let text): text.string
    case .text(let text): text
    }
  }
}
