import JSONCore
import Schemas
import Values

extension FieldSet {
  /// The fields that a new object sets, as a comparison with nothing at all finds them. It is on the way of every create,
  /// so it is written as the text in which it will be stored.
  init(ofNew object: JSON, _ schema: ObjectSchema) {
    var writer = NewFieldsWriter()
    writer.putStruct(object.object ?? Members(), schema)
    self.init(EncodedJSON(writer.out.blob()))
  }
}

private struct NewFieldsWriter {
  var out = ByteBuffer(capacity: 2048)

  /// The fields of a struct that is there in every object, and so is not new itself.
  mutating func putStruct(_ members: Members, _ schema: ObjectSchema) {
    out.append("{")
    var isFirst = true
    for (name, value) in members {
      let start = out.count
      if !isFirst { out.append(",") }
      if putField(name, value, schema) { isFirst = false } else { out.truncate(to: start) }
    }
    out.append("}")
  }

  /// - Returns: false for a field that is as it is in an empty struct.
  private mutating func putField(_ name: String, _ value: JSON, _ schema: ObjectSchema) -> Bool {
    guard let field = schema.field(name), field.zero == .show else {
      let (element, shape) = MergeShape.object(schema).member(name)
      put(element)
      putWhole(value, shape)
      return true
    }
    // Go's structs, and lists that are always written, are never absent: what is in them is new, they themselves are not.
    let shape = MergeShape(field)
    put(field.pathElement)
    let start = out.count
    switch (shape, value) {
    case (.object(let schema), .object(let members)): putStruct(members, schema)
    case (.map, .object(let members)) where !members.isEmpty: putMembers(members, shape, isNew: false)
    case (.set, .array(let items)) where !items.isEmpty, (.keyed, .array(let items)) where !items.isEmpty:
      putItems(items, shape, isNew: false)
    default:
      if field.type.zeroValue.isEquivalent(to: value) { return false }
      out.append("{}")
      return true
    }
    return out.count > start + 2
  }

  /// All paths of a value that came as a whole: its containers are in the set beside its leaves.
  private mutating func putWhole(_ value: JSON, _ shape: MergeShape) {
    switch (shape, value) {
    case (.object, .object(let members)), (.map, .object(let members)), (.deduced, .object(let members)):
      putMembers(members, shape, isNew: true)
    case (.set, .array(let items)), (.keyed, .array(let items)): putItems(items, shape, isNew: true)
    default: out.append("{}")
    }
  }

  private mutating func putMembers(_ members: Members, _ shape: MergeShape, isNew: Bool) {
    out.append("{")
    if isNew, !members.isEmpty { out.append("\".\":{}") }
    for index in 0..<members.count {
      if isNew || index > 0 { out.append(",") }
      let (name, value) = members[index]
      let (element, childShape) = shape.member(name)
      put(element)
      putWhole(value, childShape)
    }
    out.append("}")
  }

  private mutating func putItems(_ items: [JSON], _ shape: MergeShape, isNew: Bool) {
    let places = Self.places(of: items, shape)
    out.append("{")
    if isNew, !places.isEmpty { out.append("\".\":{}") }
    for (index, place) in places.enumerated() {
      if isNew || index > 0 { out.append(",") }
      put(place.element)
      if let item = place.item, let shape = shape.item { putWhole(items[item], shape) } else { out.append("{}") }
    }
    out.append("}")
  }

  /// The path elements of items in their order; several items of one key are one leaf.
  private static func places(of items: [JSON], _ shape: MergeShape) -> [(element: String, item: Int?)] {
    var places: [(element: String, item: Int?)] = []
    places.reserveCapacity(items.count)
    var isSorted = true
    for index in items.indices {
      guard let element = shape.pathElement(of: items[index]) else { continue }
      if let last = places.last, keyOrder(last.element, element) != true { isSorted = false }
      places.append((element, index))
    }
    if isSorted { return places }
    places.sort { keyOrder($0.element, $1.element) == true }
    var distinct: [(element: String, item: Int?)] = []
    distinct.reserveCapacity(places.count)
    for place in places {
      if let last = distinct.last, last.element == place.element {
        distinct[distinct.count - 1].item = nil
      } else {
        distinct.append(place)
      }
    }
    return distinct
  }

  /// A path element and its colon.
  private mutating func put(_ element: String) {
    JSON.write(element, to: &out)
    out.append(":")
  }
}
