/// Finds the position of a field by its name: open addressing over a cheap hash of length and a few bytes.
struct FieldTable: Sendable {
  private let names: [String]
  private let slots: [Int16]
  private let mask: Int

  init(_ names: [String]) {
    self.names = names
    var capacity = 4
    while capacity < names.count * 2 { capacity *= 2 }
    var slots = [Int16](repeating: -1, count: capacity)
    for (index, name) in names.enumerated() {
      var slot = Self.hash(name) & (capacity - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (capacity - 1) }
      slots[slot] = Int16(index)
    }
    self.slots = slots
    self.mask = capacity - 1
  }

  func position(of name: String) -> Int? {
    var slot = Self.hash(name) & mask
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      if names[index] == name { return index }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private static func hash(_ name: String) -> Int {
    var name = name
    return name.withUTF8 { bytes in
      let count = bytes.count
      guard count > 0 else { return 0 }
      return count &* 7 &+ Int(bytes[0]) &* 31 &+ Int(bytes[count - 1]) &* 17 &+ Int(bytes[count / 2]) &* 5
        &+ Int(bytes[count / 3]) &* 11
    }
  }
}
