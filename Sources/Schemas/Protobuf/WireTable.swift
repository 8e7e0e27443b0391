/// How the fields of a type travel in protobuf, as the walk over JSON text needs to know it: in plain memory, without
/// reference counts, at the positions that `FieldTable` finds.
struct WireTable: @unchecked Sendable {
  let fields: UnsafeMutablePointer<WireField>
  private let count: Int

  /// - Parameter fields: sorted by name; they must outlive the table, as must the types they name.
  init(_ fields: [Field]) {
    count = fields.count
    self.fields = .allocate(capacity: max(count, 1))
    for (position, field) in fields.enumerated() { (self.fields + position).initialize(to: WireField(field)) }
    let order = fields.indices.sorted { self.fields[$0].order < self.fields[$1].order }
    for (rank, position) in order.enumerated() { self.fields[position].order = rank }
  }

  /// Ends the table's life; it may not be used again.
  func deallocate() {
    for position in 0..<count { fields[position].form.deallocate() }
    fields.deallocate()
  }
}

/// A field's place in its message.
struct WireField {
  let form: WireForm
  /// The number in the innermost message; zero for fields that do not travel.
  let number: Int
  /// The numbers of the messages around it that JSON inlines, outermost first; zero behind the last.
  let around: (Int, Int)
  /// The rank of the field by its numbers.
  fileprivate(set) var order: Int

  fileprivate init(_ field: Field) {
    let numbers = field.numbers
    precondition(numbers.count <= 3, "\(field.name): nested deeper than the table has room for")
    form = WireForm(field.type)
    number = numbers.last ?? 0
    around = (numbers.count > 1 ? numbers[0] : 0, numbers.count > 2 ? numbers[1] : 0)
    // Numbers of the API stay far below a million.
    order = numbers.reduce(0) { $0 << 20 | $1 } << (20 * (3 - numbers.count))
  }

  /// The message around it at a level, or zero.
  func around(_ level: Int) -> Int { level == 0 ? around.0 : level == 1 ? around.1 : 0 }
}

/// How the values of a type travel.
struct WireForm {
  enum Shape: UInt8 {
    case string, bool, integer, double, bytes, quantity, intOrString, time
    /// JSON text in a message of its own.
    case text
    case object, list, map
    /// A JSON schema, or something else in its place.
    case schemaOrList, schemaOrBool
  }

  let shape: Shape
  /// Of an object, and of a schema. Not counted: the table lives no longer than the types that it names.
  let object: Unmanaged<ObjectSchema>?
  /// Of a list, a map, or the list in a schema's place.
  let element: UnsafeMutablePointer<WireForm>?

  init(_ type: FieldType) {
    object = type.wireObject.map { .passUnretained($0) }
    (shape, element) =
      switch type {
      case .string: (.string, nil)
      case .bool: (.bool, nil)
      case .int32, .int64: (.integer, nil)
      case .double: (.double, nil)
      case .bytes: (.bytes, nil)
      case .quantity: (.quantity, nil)
      case .intOrString: (.intOrString, nil)
      case .time, .microTime: (.time, nil)
      case .raw, .json, .fieldsV1: (.text, nil)
      case .object: (.object, nil)
      case .array(let element): (.list, Self.make(element))
      case .map(let element): (.map, Self.make(element))
      case .schemaOrArray(let schema): (.schemaOrList, Self.make(.object(schema)))
      case .schemaOrStrings: (.schemaOrList, Self.make(.string))
      case .schemaOrBool: (.schemaOrBool, nil)
      }
  }

  private static func make(_ type: FieldType) -> UnsafeMutablePointer<WireForm> {
    let element = UnsafeMutablePointer<WireForm>.allocate(capacity: 1)
    element.initialize(to: WireForm(type))
    return element
  }

  fileprivate func deallocate() {
    element?.pointee.deallocate()
    element?.deallocate()
  }
}

extension FieldType {
  fileprivate var wireObject: ObjectSchema? {
    switch self {
    case .object(let schema), .schemaOrArray(let schema), .schemaOrBool(let schema), .schemaOrStrings(let schema):
      schema
    default: nil
    }
  }
}
