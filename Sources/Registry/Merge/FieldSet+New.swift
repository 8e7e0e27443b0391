import Glibc
import JSONCore
import Schemas

extension FieldSet {
  /// The fields that a new object sets, as a comparison with nothing at all finds them. It is on the way of every create,
  /// so it is written as the text in which it will be stored.
  init(ofNew object: JSON, _ schema: ObjectSchema) {
    var writer = NewFieldsWriter()
    writer.putStruct(object.object ?? Members(), schema)
    self.init(EncodedJSON(writer.out.blob))
  }
}

private struct NewFieldsWriter: ~Copyable {
  var out = Writer(capacity: 4096)
  /// The path elements of the items of the lists that are being written, one behind the other.
  private var elements = Writer(capacity: 1024)

  /// The fields of a struct that is there in every object, and so is not new itself.
  mutating func putStruct(_ members: Members, _ schema: ObjectSchema) {
    out.put(UInt8(ascii: "{"))
    var isFirst = true
    for (name, value) in members {
      let start = out.count
      if !isFirst { out.put(UInt8(ascii: ",")) }
      if putField(name, value, schema) { isFirst = false } else { out.truncate(to: start) }
    }
    out.put(UInt8(ascii: "}"))
  }

  /// - Returns: false for a field that is as it is in an empty struct.
  private mutating func putField(_ name: String, _ value: JSON, _ schema: ObjectSchema) -> Bool {
    guard let field = schema.field(name), field.zero == .show else {
      putWhole(value, put(memberOf: .object(schema), name))
      return true
    }
    // Go's structs, and lists that are always written, are never absent: what is in them is new, they themselves are not.
    put(field.pathElement)
    let start = out.count
    let shape = field.mergeShape
    switch (shape, value) {
    case (.object(let schema), .object(let members)): putStruct(members, schema)
    case (.map, .object(let members)) where !members.isEmpty: putMembers(members, shape, isNew: false)
    case (.set, .array(let items)) where !items.isEmpty, (.keyed, .array(let items)) where !items.isEmpty:
      putItems(items, shape, isNew: false)
    default:
      if field.type.zeroValue.isEquivalent(to: value) { return false }
      out.put(literal: "{}")
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
    default: out.put(literal: "{}")
    }
  }

  private mutating func putMembers(_ members: Members, _ shape: MergeShape, isNew: Bool) {
    out.put(literal: isNew && !members.isEmpty ? "{\".\":{}" : "{")
    for index in 0..<members.count {
      if isNew || index > 0 { out.put(UInt8(ascii: ",")) }
      let (name, value) = members[index]
      putWhole(value, put(memberOf: shape, name))
    }
    out.put(UInt8(ascii: "}"))
  }

  /// An item in the order of path elements.
  private struct Place {
    var element: Range<Int>
    /// nil where several items have this key: they are one leaf.
    var item: Int?
  }

  private mutating func putItems(_ items: [JSON], _ shape: MergeShape, isNew: Bool) {
    let start = elements.count
    let places = places(of: items, shape)
    out.put(literal: isNew && !places.isEmpty ? "{\".\":{}" : "{")
    let itemShape = shape.item ?? .deduced
    for (index, place) in places.enumerated() {
      if isNew || index > 0 { out.put(UInt8(ascii: ",")) }
      out.put(string: UnsafeBufferPointer(rebasing: elements.bytes[place.element]))
      out.put(UInt8(ascii: ":"))
      if let item = place.item { putWhole(items[item], itemShape) } else { out.put(literal: "{}") }
    }
    out.put(UInt8(ascii: "}"))
    elements.truncate(to: start)
  }

  /// The path elements of items in their order.
  private mutating func places(of items: [JSON], _ shape: MergeShape) -> [Place] {
    var places: [Place] = []
    places.reserveCapacity(items.count)
    var isSorted = true
    for index in items.indices {
      let start = elements.count
      guard shape.write(elementOf: items[index], to: &elements) else { continue }
      let place = Place(element: start..<elements.count, item: index)
      if let last = places.last, order(last, place) >= 0 { isSorted = false }
      places.append(place)
    }
    if isSorted { return places }
    let text = elements.bytes
    places.sort { Self.order($0, $1, text) < 0 }
    var distinct: [Place] = []
    distinct.reserveCapacity(places.count)
    for place in places {
      if let last = distinct.last, order(last, place) == 0 {
        distinct[distinct.count - 1].item = nil
      } else {
        distinct.append(place)
      }
    }
    return distinct
  }

  private func order(_ left: Place, _ right: Place) -> Int { Self.order(left, right, elements.bytes) }

  /// Negative when the left element comes first, 0 when they are the same.
  private static func order(_ left: Place, _ right: Place, _ text: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = text.baseAddress else { return 0 }
    let common = min(left.element.count, right.element.count)
    let order = memcmp(base + left.element.lowerBound, base + right.element.lowerBound, common)
    return order != 0 ? Int(order) : left.element.count - right.element.count
  }

  /// Writes the path element of a member and its colon.
  /// - Returns: the shape of the member; those that the schema does not know are what they look like.
  private mutating func put(memberOf shape: MergeShape, _ name: String) -> MergeShape {
    if case .object(let schema) = shape, let field = schema.field(name) {
      put(field.pathElement)
      return field.mergeShape
    }
    put("f:" + name)
    return shape.child(name) ?? .deduced
  }

  /// A path element and its colon.
  private mutating func put(_ element: String) {
    out.put(element)
    out.put(UInt8(ascii: ":"))
  }
}
