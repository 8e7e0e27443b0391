extension Writer {
  /// A value as compact JSON.
  public mutating func put(_ value: JSON) {
    switch value {
    case .null: put(literal: "null")
    case .bool(let value): value ? put(literal: "true") : put(literal: "false")
    case .int(let value): put(decimal: value)
    case .double(let value): put(value)
    case .string(let value): put(value)
    case .array(let elements): put(elements)
    case .object(let members): put(members)
    case .encoded(let text): copy(text.blob.bytes)
    }
  }

  private mutating func put(_ elements: [JSON]) {
    put(UInt8(ascii: "["))
    // No closures over the memory here: ten thousand levels of them would not fit on a thread's stack.
    for index in elements.indices {
      if index > 0 { put(UInt8(ascii: ",")) }
      put(elements[index])
    }
    put(UInt8(ascii: "]"))
  }

  /// An object whose values somebody else writes, each as one value.
  public mutating func put(_ members: Members, each write: (inout Writer, _ name: String, _ value: JSON) -> Void) {
    put(UInt8(ascii: "{"))
    for index in 0..<members.count {
      if index > 0 { put(UInt8(ascii: ",")) }
      put(members.key(at: index))
      put(UInt8(ascii: ":"))
      write(&self, members.key(at: index), members.value(at: index))
    }
    put(UInt8(ascii: "}"))
  }

  private mutating func put(_ members: Members) {
    put(UInt8(ascii: "{"))
    for index in 0..<members.count {
      if index > 0 { put(UInt8(ascii: ",")) }
      put(members.key(at: index))
      put(UInt8(ascii: ":"))
      put(members.value(at: index))
    }
    put(UInt8(ascii: "}"))
  }
}
