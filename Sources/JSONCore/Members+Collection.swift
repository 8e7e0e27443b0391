extension Members: Hashable {
  public static func == (left: Members, right: Members) -> Bool {
    if left.storage === right.storage { return true }
    guard left.count == right.count else { return false }
    for index in 0..<left.count {
      guard left.key(at: index) == right.key(at: index), left.value(at: index) == right.value(at: index) else {
        return false
      }
    }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for index in 0..<count {
      hasher.combine(key(at: index))
      hasher.combine(value(at: index))
    }
  }
}

extension Members: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { count }
  public subscript(position: Int) -> Element {
    precondition(position >= 0 && position < count, "no member \(position)")
    return (key(at: position), value(at: position).resolved)
  }
}
