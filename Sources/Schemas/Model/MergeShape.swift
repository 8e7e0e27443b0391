/// How two values of one type merge (structured-merge-diff's schema, seen from ours).
public enum MergeShape: Sendable {
  /// One value as a whole: scalars, atomic lists and maps.
  case leaf(FieldType)
  /// Each field on its own.
  case object(ObjectSchema)
  /// Each entry on its own.
  case map(FieldType)
  /// Scalars, each once.
  case set(FieldType)
  /// Items told apart by some of their fields.
  case keyed(FieldType, ListKeys)
  /// Whatever the value looks like: the entries of objects are on their own, everything else is a leaf.
  case deduced

  /// - Parameter isAtomic: what the field says of a map or object; nil leaves that to the type.
  init(_ type: FieldType, isAtomic: Bool?, _ listType: ListType?, keys: [String]) {
    switch type {
    case .object(let schema): self = (isAtomic ?? schema.isMapAtomic) ? .leaf(type) : .object(schema)
    case .map(let value): self = isAtomic == true ? .leaf(type) : .map(value)
    case .array(let element):
      switch listType {
      case .set: self = .set(element)
      case .map: self = .keyed(element, ListKeys(keys, of: element.objectSchema))
      case .atomic, nil: self = .leaf(type)
      }
    case .json, .fieldsV1: self = .deduced
    case .raw: self = .map(.raw)
    default: self = .leaf(type)
    }
  }

  /// The shape of an element or entry, of which no field says more.
  public init(element type: FieldType) {
    switch type {
    case .object(let schema): self = schema.isMapAtomic ? .leaf(type) : .object(schema)
    case .map(let value): self = .map(value)
    case .json: self = .deduced
    default: self = .leaf(type)
    }
  }

  /// The shape of a member of an object or map; nil for one that the schema does not know.
  public func child(_ name: String) -> MergeShape? {
    switch self {
    case .object(let schema): schema.field(name)?.mergeShape ?? (schema.preservesUnknownFields ? .deduced : nil)
    case .map(let value): MergeShape(element: value)
    case .deduced: .deduced
    default: nil
    }
  }

  /// The path element of a member and its shape; members that the schema does not know are what they look like.
  public func member(_ name: String) -> (element: String, shape: MergeShape) {
    if case .object(let schema) = self, let field = schema.field(name) { return (field.pathElement, field.mergeShape) }
    return ("f:" + name, child(name) ?? .deduced)
  }

  /// Whether the name is that of a field, rather than the key of a map.
  public func declares(_ name: String) -> Bool {
    if case .object(let schema) = self { schema.field(name) != nil } else { false }
  }

  /// The shape of the items of a list of this shape.
  public var item: MergeShape? {
    switch self {
    case .set(let element), .keyed(let element, _): MergeShape(element: element)
    default: nil
    }
  }
}
