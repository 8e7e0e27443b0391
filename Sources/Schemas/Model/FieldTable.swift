/// The fields of a type as the walks over bodies need them: found by a cheap hash, looked at without counting references.
///
/// Decoding touches a hundred fields a pod; through arrays and strings most of its time went into reference counts.
struct FieldTable: @unchecked Sendable {
  /// What decoding does with a value, where that needs no look at the field's full type.
  enum Shape: UInt8 {
    case string, bool, int32, int64, object, objects, strings, stringMap, other
  }

  struct Entry {
    let shape: Shape
    let zero: ZeroRule
    let hasDefault: Bool
    let nameLength: Int
    let name: UnsafePointer<UInt8>
    unowned(unsafe) let field: Field
    /// Of an object, or of a list's elements.
    unowned(unsafe) let object: ObjectSchema?
  }

  private let slots: UnsafeMutablePointer<Int16>
  private let mask: Int
  private let count: Int
  let entries: UnsafeMutablePointer<Entry>

  /// - Parameter fields: must outlive the table, which keeps no count of its references to them.
  init(_ fields: [Field]) {
    var capacity = 4
    while capacity < fields.count * 2 { capacity *= 2 }
    count = fields.count
    mask = capacity - 1
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: -1, count: capacity)
    entries = .allocate(capacity: max(fields.count, 1))
    for (index, field) in fields.enumerated() {
      (entries + index).initialize(to: Entry(field))
      var slot = Self.hash(UnsafeBufferPointer(start: entries[index].name, count: entries[index].nameLength)) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int16(index)
    }
  }

  /// Ends the table's life; it may not be used again.
  func deallocate() {
    for index in 0..<count { entries[index].name.deallocate() }
    entries.deallocate()
    slots.deallocate()
  }

  /// The position of a field in the order of names; nil when there is none of this name.
  func position(of name: String) -> Int? {
    var name = name
    return name.withUTF8 { position(of: $0) }
  }

  /// The position of a field in the order of names; nil when there is none of this name.
  func position(of name: UnsafeBufferPointer<UInt8>) -> Int? {
    var slot = Self.hash(name) & mask
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      let entry = entries + index
      if entry.pointee.nameLength == name.count, Self.isSame(entry.pointee.name, name) { return index }
      slot = (slot + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private static func isSame(_ left: UnsafePointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    for index in right.indices where left[index] != right[index] { return false }
    return true
  }

  @inline(__always)
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let count = bytes.count
    guard count > 0 else { return 0 }
    return count &* 7 &+ Int(bytes[0]) &* 31 &+ Int(bytes[count - 1]) &* 17 &+ Int(bytes[count / 2]) &* 5
      &+ Int(bytes[count / 3]) &* 11
  }
}

extension FieldTable.Entry {
  fileprivate init(_ field: Field) {
    let bytes = Array(field.name.utf8)
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    copy.initialize(from: bytes, count: bytes.count)
    let (shape, object) = FieldTable.Shape.of(field.type)
    self.init(
      shape: shape, zero: field.zero, hasDefault: field.defaultValue != nil, nameLength: bytes.count,
      name: UnsafePointer(copy), field: field, object: object)
  }
}

extension FieldTable.Shape {
  fileprivate static func of(_ type: FieldType) -> (FieldTable.Shape, ObjectSchema?) {
    switch type {
    case .string: (.string, nil)
    case .bool: (.bool, nil)
    case .int32: (.int32, nil)
    case .int64: (.int64, nil)
    case .object(let schema): (.object, schema)
    case .array(.object(let schema)): (.objects, schema)
    case .array(.string): (.strings, nil)
    case .map(.string): (.stringMap, nil)
    default: (.other, nil)
    }
  }
}
