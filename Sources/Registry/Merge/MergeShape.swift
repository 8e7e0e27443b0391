import JSONCore
import Schemas

/// How two values of one type merge (structured-merge-diff's schema, seen from ours).
enum MergeShape {
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

  init(_ field: Field) {
    switch field.type {
    case .object(let schema): self = (field.isMapAtomic ?? schema.isMapAtomic) ? .leaf(field.type) : .object(schema)
    case .map(let value): self = field.isMapAtomic == true ? .leaf(field.type) : .map(value)
    case .array(let element):
      switch field.listType {
      case .set: self = .set(element)
      case .map: self = .keyed(element, ListKeys(field.listKeys, of: element.objectSchema))
      case .atomic, nil: self = .leaf(field.type)
      }
    case .json, .fieldsV1: self = .deduced
    case .raw: self = .map(.raw)
    default: self = .leaf(field.type)
    }
  }

  /// The shape of an element or entry, of which no field says more.
  init(element type: FieldType) {
    switch type {
    case .object(let schema): self = schema.isMapAtomic ? .leaf(type) : .object(schema)
    case .map(let value): self = .map(value)
    case .json: self = .deduced
    default: self = .leaf(type)
    }
  }

  /// The shape of a member of an object or map; nil for one that the schema does not know.
  @inline(__always)
  func child(_ name: String) -> MergeShape? {
    switch self {
    case .object(let schema):
      if let field = schema.field(name) { return MergeShape(field) }
      return schema.preservesUnknownFields ? .deduced : nil
    case .map(let value): return MergeShape(element: value)
    case .deduced: return .deduced
    default: return nil
    }
  }

  /// The path element of a member and its shape; members that the schema does not know are what they look like.
  @inline(__always)
  func member(_ name: String) -> (element: String, shape: MergeShape) {
    if case .object(let schema) = self, let field = schema.field(name) { return (field.pathElement, MergeShape(field)) }
    return ("f:" + name, child(name) ?? .deduced)
  }

  /// Whether the name is that of a field, rather than the key of a map.
  func declares(_ name: String) -> Bool {
    if case .object(let schema) = self { schema.field(name) != nil } else { false }
  }
}

/// The fields that tell the items of a list apart.
struct ListKeys {
  let names: [String]
  let schema: ObjectSchema?

  init(_ names: [String], of schema: ObjectSchema?) {
    self.names = names
    self.schema = schema
  }

  /// The path element of an item; nil for an item that has no key.
  func element(of item: JSON) -> String? {
    guard case .object(let members) = item else { return nil }
    if names.count == 1, let value = (members[names[0]] ?? fallback(names[0])) {
      var element = "k:{"
      element.reserveCapacity(names[0].utf8.count + 32)
      element.append(json: .string(names[0]))
      element.append(":")
      element.append(json: value)
      element.append("}")
      return element
    }
    let keys = Members(names.compactMap { name in (members[name] ?? fallback(name)).map { (name, $0) } })
    return keys.isEmpty ? nil : "k:" + JSON.object(keys).text
  }

  /// What counts where an item leaves a key out.
  private func fallback(_ name: String) -> JSON? {
    guard let schema, let field = schema.field(name) else { return nil }
    // The server fills these in before it looks at the keys; the schema has them as conditional defaults.
    if name == "protocol", schema.goName == "ContainerPort" || schema.goName == "ServicePort" { return "TCP" }
    return field.defaultValue ?? (field.zero == .show ? field.type.zeroValue : nil)
  }
}

/// The items of a set or keyed list by their path elements.
struct ListIndex {
  /// In the order of the list; items that have no path element are left out.
  var elements: [String] = []
  /// More than one value where a list has several items of the same key.
  var items: [String: [JSON]] = [:]

  init(_ list: JSON?, _ element: (JSON) -> String?) {
    for item in list?.array ?? [] {
      guard let key = element(item) else { continue }
      elements.append(key)
      items[key, default: []].append(item)
    }
  }
}

extension MergeShape {
  /// The path element of an item of a list of this shape.
  func pathElement(of item: JSON) -> String? {
    switch self {
    case .set:
      switch item {
      case .object, .array, .null: nil
      default: "v:" + item.text
      }
    case .keyed(_, let keys): keys.element(of: item)
    default: nil
    }
  }

  /// The shape of the items of a list of this shape.
  var item: MergeShape? {
    switch self {
    case .set(let element), .keyed(let element, _): MergeShape(element: element)
    default: nil
    }
  }
}
