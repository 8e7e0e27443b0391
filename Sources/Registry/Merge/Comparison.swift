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
    added = FieldSet(root: difference.added?.object ?? Members())
    modified = FieldSet(root: difference.modified?.object ?? Members())
    removed = FieldSet(root: difference.removed?.object ?? Members())
  }

  mutating func exclude(_ trees: FieldSet) {
    if trees.isEmpty { return }
    added = added.subtractingTrees(trees)
    modified = modified.subtractingTrees(trees)
    removed = removed.subtractingTrees(trees)
  }
}

/// The comparison of two values, as the JSON of nodes of three sets; nil for those that have nothing of it.
private struct Difference {
  var added: JSON?
  var modified: JSON?
  var removed: JSON?

  /// - Parameter isZero: the old value stands for an object that nobody has filled in yet.
  static func between(_ old: JSON?, _ new: JSON?, _ shape: MergeShape, isZero: Bool = false) -> Difference {
    var result = Difference()
    guard let old else {
      result.added = new.map { whole($0, shape) }
      return result
    }
    guard let new else {
      result.removed = whole(old, shape)
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
      let (left, right) = (old.array ?? [], new.array ?? [])
      if left.isEmpty && right.isEmpty { result.compareLeaf(old, new) } else { result.compareItems(left, right, shape) }
    case .deduced:
      if old.object != nil, new.object != nil { return between(old, new, .map(.json)) }
      result.compareLeaf(old, new)
    }
    return result
  }

  private mutating func compareLeaf(_ old: JSON, _ new: JSON) {
    modified = old.isEquivalent(to: new) ? nil : .emptyObject
  }

  private mutating func compareMembers(_ left: Members, _ right: Members, _ shape: MergeShape, _ isZero: Bool) {
    var result = Children()
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
        result.append(field.pathElement, Self.between(zero, new, field.mergeShape, isZero: zero.object != nil))
      } else {
        let (element, childShape) = shape.member(name)
        result.append(element, Self.between(old, new, childShape))
      }
    }
    self = result.difference
  }

  private mutating func compareItems(_ old: [JSON], _ new: [JSON], _ shape: MergeShape) {
    guard let itemShape = shape.item else { return }
    let (left, right) = (Self.sorted(old, shape), Self.sorted(new, shape))
    var result = Children()
    var (i, j) = (0, 0)
    while i < left.count || j < right.count {
      let order = i == left.count ? false : j == right.count ? true : keyOrder(left[i].element, right[j].element)
      let element = order == false ? right[j].element : left[i].element
      let before = left[i...].prefix { $0.element == element }
      let after = right[j...].prefix { $0.element == element }
      (i, j) = (before.endIndex, after.endIndex)
      result.append(element, Self.between(before.map(\.item), after.map(\.item), itemShape))
    }
    self = result.difference
  }

  /// The comparison of the items of one key, of which there is more than one in a list that names a key twice.
  private static func between(_ before: [JSON], _ after: [JSON], _ shape: MergeShape) -> Difference {
    if before.count <= 1, after.count <= 1 { return between(before.first, after.first, shape) }
    var result = Difference()
    if before.count > 1, after.count > 1 {
      result.modified = before == after ? nil : .emptyObject
    } else if before.count > 1 {
      result.added = after.first.map { whole($0, shape) }
      result.removed = .emptyObject
    } else {
      result.removed = before.first.map { whole($0, shape) }
      result.added = .emptyObject
    }
    return result
  }

  /// Items with their path elements, in the order of these; those that have none are left out.
  private static func sorted(_ items: [JSON], _ shape: MergeShape) -> [(element: String, item: JSON)] {
    var result: [(element: String, item: JSON)] = []
    result.reserveCapacity(items.count)
    var isSorted = true
    for item in items {
      guard let element = shape.pathElement(of: item) else { continue }
      if let last = result.last, keyOrder(last.element, element) == false { isSorted = false }
      result.append((element, item))
    }
    if !isSorted { result.sort { keyOrder($0.element, $1.element) == true } }
    return result
  }

  /// The nodes below a node, by path element.
  private struct Children {
    private var added = Members()
    private var modified = Members()
    private var removed = Members()

    mutating func append(_ element: String, _ child: Difference) {
      if let node = child.added { added.append(element, node) }
      if let node = child.modified { modified.append(element, node) }
      if let node = child.removed { removed.append(element, node) }
    }

    var difference: Difference {
      func node(_ children: Members) -> JSON? { children.isEmpty ? nil : .object(children) }
      return Difference(added: node(added), modified: node(modified), removed: node(removed))
    }
  }
}

extension Difference {
  /// All paths of a value that came or went as a whole: its containers are in the set beside its leaves.
  static func whole(_ value: JSON, _ shape: MergeShape) -> JSON {
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
