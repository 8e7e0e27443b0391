/// What the operations of a JSON patch do to a document.
extension JSON {
  /// The value at a pointer: nil for a missing member of an object that is there.
  func value(at pointer: JSONPointer) throws(JSONPatchError) -> JSON? {
    var value = self
    for (position, token) in pointer.tokens.enumerated() {
      switch value {
      case .object(let members):
        guard let member = members[token] else {
          if position == pointer.tokens.count - 1 { return nil }
          throw .missing(pointer)
        }
        value = member
      case .array(let elements):
        value = elements[try Self.index(token, count: elements.count, pointer)]
      default: throw .missing(pointer)
      }
    }
    return value
  }

  /// Adds a member (or replaces it), or makes room in an array; `-` is the place behind its last element.
  mutating func insert(_ value: JSON, at pointer: JSONPointer) throws(JSONPatchError) {
    try put(value, at: pointer) { (elements, token) throws(JSONPatchError) in
      let index = token == "-" ? elements.count : try Self.index(token, count: elements.count + 1, pointer)
      elements.insert(value, at: index)
    }
  }

  /// Takes a value out of the document.
  mutating func extract(at pointer: JSONPointer) throws(JSONPatchError) -> JSON {
    guard let last = pointer.tokens.last else { throw .missing(pointer) }
    var extracted = JSON.null
    try change(pointer, 0) { (container) throws(JSONPatchError) in
      switch container {
      case .object:
        guard let value = container[last] else {
          throw .failed("Unable to remove nonexistent key: \(last): missing value")
        }
        extracted = value
        container[last] = nil
      case .array(var elements):
        container = .null
        defer { container = .array(elements) }
        extracted = elements.remove(at: try Self.index(last, count: elements.count, pointer))
      default: throw .missing(pointer)
      }
    }
    return extracted
  }

  mutating func replace(at pointer: JSONPointer, with value: JSON) throws(JSONPatchError) {
    try put(value, at: pointer) { (elements, token) throws(JSONPatchError) in
      elements[try Self.index(token, count: elements.count, pointer)] = value
    }
  }

  /// Makes a value the whole document or the member of an object; what becomes of an array is said.
  private mutating func put(
    _ value: JSON, at pointer: JSONPointer,
    inArray change: (_ elements: inout [JSON], _ token: String) throws(JSONPatchError) -> Void
  ) throws(JSONPatchError) {
    guard let last = pointer.tokens.last else {
      self = value
      return
    }
    try self.change(pointer, 0) { (container) throws(JSONPatchError) in
      switch container {
      case .object: container[last] = value
      case .array(var elements):
        container = .null
        defer { container = .array(elements) }
        try change(&elements, last)
      default: throw .missing(pointer)
      }
    }
  }

  /// Changes the container that holds the pointer's last token, in place.
  private mutating func change(
    _ pointer: JSONPointer, _ position: Int, _ body: (inout JSON) throws(JSONPatchError) -> Void
  ) throws(JSONPatchError) {
    if position >= pointer.tokens.count - 1 { return try body(&self) }
    let token = pointer.tokens[position]
    switch self {
    case .object(let members):
      guard var member = members[token] else { throw .missing(pointer) }
      try member.change(pointer, position + 1, body)
      self[token] = member
    case .array(var elements):
      let index = try Self.index(token, count: elements.count, pointer)
      self = .null
      defer { self = .array(elements) }
      try elements[index].change(pointer, position + 1, body)
    default: throw .missing(pointer)
    }
  }

  /// A decimal index below `count`; a negative one counts from the end.
  private static func index(_ token: String, count: Int, _ pointer: JSONPointer) throws(JSONPatchError) -> Int {
    guard let index = Int(token), index < count, index >= -count else {
      throw .failed("Unable to access invalid index: \(token): invalid index referenced")
    }
    return index < 0 ? index + count : index
  }

  /// Equality that does not tell `1` from `1.0`.
  public func isEquivalent(to other: JSON) -> Bool {
    switch (self, other) {
    case (.int(let whole), .double(let fraction)), (.double(let fraction), .int(let whole)): Double(whole) == fraction
    case (.array(let left), .array(let right)):
      left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
    case (.object(let left), .object(let right)):
      left.count == right.count
        && zip(left, right).allSatisfy { $0.key == $1.key && $0.value.isEquivalent(to: $1.value) }
    default: self == other
    }
  }

  /// The kind of value as the errors of Go's JSON decoder name it.
  public var goKind: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int, .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    case .encoded(let text): text.value.goKind
    }
  }
}

extension JSONPatchError {
  fileprivate static func missing(_ pointer: JSONPointer) -> JSONPatchError {
    .failed("operation does not apply: doc is missing path: \(pointer): missing value")
  }
}
