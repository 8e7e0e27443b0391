import JSONCore

extension FieldSet {
  public mutating func formUnion(_ other: FieldSet) { self = union(other) }

  public func union(_ other: FieldSet) -> FieldSet {
    if other.isEmpty { return self }
    if isEmpty { return other }
    return edited(.union, other) ?? other.edited(.union, self) ?? FieldSet(root: Self.union(root, other.root))
  }

  public func intersection(_ other: FieldSet) -> FieldSet {
    FieldSet(root: Self.combine(root, other.root, Self.common, keepsLeft: false))
  }

  /// Without the very paths of the other set; paths below them stay.
  public func subtracting(_ other: FieldSet) -> FieldSet {
    if other.isEmpty || isWithout(other) { return self }
    return edited(.difference, other)
      ?? FieldSet(root: Self.combine(root, other.root, Self.difference, keepsLeft: true))
  }

  /// Without the paths of the other set and all that is below them.
  public func subtractingTrees(_ other: FieldSet) -> FieldSet {
    if isEmpty || other.isEmpty { return self }
    return edited(.treeDifference, other)
      ?? FieldSet(root: Self.combine(root, other.root, Self.treeDifference, keepsLeft: true))
  }

  private static func union(_ left: Members, _ right: Members) -> Members {
    if left.isEmpty { return right }
    if right.isEmpty { return left }
    var result = Members()
    result.reserveCapacity(left.count + right.count)
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      let (leftKey, leftValue) = left[i]
      let (rightKey, rightValue) = right[j]
      switch keyOrder(leftKey, rightKey) {
      case true?:
        result.append(leftKey, leftValue)
        i += 1
      case false?:
        result.append(rightKey, rightValue)
        j += 1
      case nil:
        result.append(leftKey, union(FieldNode(leftValue), FieldNode(rightValue)).json)
        i += 1
        j += 1
      }
    }
    for (key, value) in left[i...] { result.append(key, value) }
    for (key, value) in right[j...] { result.append(key, value) }
    return result
  }

  private static func union(_ left: FieldNode, _ right: FieldNode) -> FieldNode {
    FieldNode(isMember: left.isMember || right.isMember, children: union(left.children, right.children))
  }

  private static func common(_ left: FieldNode, _ right: FieldNode) -> FieldNode {
    FieldNode(
      isMember: left.isMember && right.isMember,
      children: combine(left.children, right.children, common, keepsLeft: false))
  }

  private static func difference(_ left: FieldNode, _ right: FieldNode) -> FieldNode {
    FieldNode(
      isMember: left.isMember && !right.isMember,
      children: combine(left.children, right.children, difference, keepsLeft: true))
  }

  private static func treeDifference(_ left: FieldNode, _ right: FieldNode) -> FieldNode {
    if right.isMember { return FieldNode() }
    return FieldNode(
      isMember: left.isMember, children: combine(left.children, right.children, treeDifference, keepsLeft: true))
  }

  /// Walks two sorted levels together; `keepsLeft` says what becomes of elements that only the left side has.
  private static func combine(
    _ left: Members, _ right: Members, _ both: (FieldNode, FieldNode) -> FieldNode, keepsLeft: Bool
  ) -> Members {
    if left.isEmpty || right.isEmpty { return keepsLeft ? left : Members() }
    var result = FieldNode()
    if keepsLeft { result.children.reserveCapacity(left.count) }
    var j = 0
    for (key, value) in left {
      while j < right.count, keyOrder(right[j].key, key) == true { j += 1 }
      if j < right.count, keyOrder(right[j].key, key) == nil {
        result.append(key, both(FieldNode(value), FieldNode(right[j].value)))
      } else if keepsLeft {
        result.children.append(key, value)
      }
    }
    return result.children
  }
}
