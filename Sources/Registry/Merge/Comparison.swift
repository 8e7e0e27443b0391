import JSONCore
import Schemas

/// What tells two states of an object apart.
struct Comparison {
  var added = FieldSet()
  var modified = FieldSet()
  var removed = FieldSet()

  /// The fields that have a new value.
  var changed: FieldSet { added.union(modified) }

  var isEmpty: Bool { added.isEmpty && modified.isEmpty && removed.isEmpty }

  /// - Parameter old: nil for an object that is being created. As Go's structs are never absent, fields that the server
  ///   always writes count as there before: they are modified, not added.
  init(_ old: JSON?, _ new: JSON, _ schema: ObjectSchema) {
    let difference = Difference.between(old ?? .emptyObject, new, .object(schema), isZero: old == nil)
    added = FieldSet(root: difference.added.children)
    modified = FieldSet(root: difference.modified.children)
    removed = FieldSet(root: difference.removed.children)
  }

  mutating func exclude(_ trees: FieldSet) {
    if trees.isEmpty { return }
    added = added.subtractingTrees(trees)
    modified = modified.subtractingTrees(trees)
    removed = removed.subtractingTrees(trees)
  }
}

/// The comparison of two values, as nodes of three sets.
private struct Difference {
  var added = FieldNode()
  var modified = FieldNode()
  var removed = FieldNode()

  /// - Parameter isZero: the old value stands for an object that nobody has filled in yet.
  static func between(_ old: JSON?, _ new: JSON?, _ shape: MergeShape, isZero: Bool = false) -> Difference {
    var result = Difference()
    guard let old else {
      if let new { result.added = FieldNode(whole: new, shape) }
      return result
    }
    guard let new else {
      result.removed = FieldNode(whole: old, shape)
      return result
    }
    if !isZero, old == new { return result }
    switch shape {
    case .leaf: result.compareLeaf(old, new)
    case .object, .map:
      let (left, right) = (old.object ?? Members(), new.object ?? Members())
      if left.isEmpty && right.isEmpty {
        if !(isZero && new.object != nil) { result.compareLeaf(old, new) }
      } else {
        result.compareMembers(left, right, shape, isZero)
      }
    case .set, .keyed:
      if old.array?.isEmpty ?? true, new.array?.isEmpty ?? true {
        result.compareLeaf(old, new)
      } else {
        result.compareItems(old, new, shape)
      }
    case .deduced:
      if old.object != nil, new.object != nil { return between(old, new, .map(.json)) }
      result.compareLeaf(old, new)
    }
    return result
  }

  private mutating func compareLeaf(_ old: JSON, _ new: JSON) {
    modified.isMember = !old.isEquivalent(to: new)
  }

  private mutating func append(_ element: @autoclosure () -> String, _ child: Difference) {
    if !child.added.isEmpty { added.append(element(), child.added) }
    if !child.modified.isEmpty { modified.append(element(), child.modified) }
    if !child.removed.isEmpty { removed.append(element(), child.removed) }
  }

  private mutating func compareMembers(_ left: Members, _ right: Members, _ shape: MergeShape, _ isZero: Bool) {
    var (i, j) = (0, 0)
    while i < left.count || j < right.count {
      let order = i == left.count ? false : j == right.count ? true : keyOrder(left.key(at: i), right.key(at: j))
      if order == nil, left.value(at: i) == right.value(at: j) {
        i += 1
        j += 1
        continue
      }
      let name = order == false ? right.key(at: j) : left.key(at: i)
      let old = order == false ? nil : left[i].value
      let new = order == true ? nil : right[j].value
      if order != false { i += 1 }
      if order != true { j += 1 }
      if old == nil, isZero, case .object(let schema) = shape, let field = schema.field(name), field.zero == .show {
        let zero = field.type.zeroValue
        append(field.pathElement, Self.between(zero, new, field.mergeShape, isZero: zero.object != nil))
      } else {
        let (element, childShape) = shape.member(name)
        append(element, Self.between(old, new, childShape))
      }
    }
  }

  private mutating func compareItems(_ old: JSON, _ new: JSON, _ shape: MergeShape) {
    guard let itemShape = shape.item else { return }
    let left = ListIndex(old, shape.pathElement)
    let right = ListIndex(new, shape.pathElement)
    var nodes: [(element: String, difference: Difference)] = []
    for element in Set(left.elements).union(right.elements) {
      let before = left.items[element] ?? []
      let after = right.items[element] ?? []
      var difference = Difference()
      switch (before.count, after.count) {
      case (0...1, 0...1): difference = Self.between(before.first, after.first, itemShape)
      case (2..., 2...): difference.modified.isMember = before != after
      case (2..., _):
        difference = after.first.map { Self.between(nil, $0, itemShape) } ?? difference
        difference.removed.isMember = true
      default:
        difference = before.first.map { Self.between($0, nil, itemShape) } ?? difference
        difference.added.isMember = true
      }
      nodes.append((element, difference))
    }
    nodes.sort { keyOrder($0.element, $1.element) == true }
    for (element, difference) in nodes { append(element, difference) }
  }
}

extension FieldNode {
  /// All paths of a value that came or went as a whole: its containers are in the set beside its leaves.
  init(whole value: JSON, _ shape: MergeShape) { self.init(Self.whole(value, shape)) }

  /// The same as the JSON of the node.
  fileprivate static func whole(_ value: JSON, _ shape: MergeShape) -> JSON {
    switch (shape, value) {
    case (.object, .object(let members)), (.map, .object(let members)), (.deduced, .object(let members)):
      return whole(members, shape)
    case (.set, .array(let items)), (.keyed, .array(let items)): return whole(items, shape)
    default: return .emptyObject
    }
  }

  private static func whole(_ members: Members, _ shape: MergeShape) -> JSON {
    if members.isEmpty { return .emptyObject }
    var node = Members()
    node.reserveCapacity(members.count + 1)
    node.append(".", .emptyObject)
    for (key, value) in members {
      let (element, childShape) = shape.member(key)
      node.append(element, whole(value, childShape))
    }
    return .object(node)
  }

  private static func whole(_ items: [JSON], _ shape: MergeShape) -> JSON {
    guard let itemShape = shape.item else { return .emptyObject }
    var seen = Set<String>()
    let nodes: [(String, JSON)] = items.compactMap { item in
      guard let element = shape.pathElement(of: item) else { return nil }
      // Several items of one key are one leaf.
      let isFirst = items.count == 1 || seen.insert(element).inserted
      return (element, isFirst ? whole(item, itemShape) : .emptyObject)
    }
    return nodes.isEmpty ? .emptyObject : .object(Members([(".", .emptyObject)] + nodes))
  }
}
