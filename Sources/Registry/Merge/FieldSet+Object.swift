import JSONCore
import Schemas

extension FieldSet {
  /// The fields that an object sets: its leaves, the items of its lists, its empty objects and the entries of its maps.
  init(of object: JSON, _ schema: ObjectSchema) {
    self.init(root: Self.node(of: object, .object(schema)).children)
  }

  private static func node(of value: JSON, _ shape: MergeShape) -> FieldNode {
    switch shape {
    case .leaf: return .leaf
    case .deduced:
      guard case .object(let members) = value else { return .leaf }
      return node(of: members, shape)
    case .object, .map:
      guard case .object(let members) = value else { return FieldNode() }
      return node(of: members, shape)
    case .set, .keyed:
      guard case .array(let items) = value else { return FieldNode() }
      return node(of: items, shape)
    }
  }

  private static func node(of members: Members, _ shape: MergeShape) -> FieldNode {
    var result = FieldNode()
    result.children.reserveCapacity(members.count)
    for (key, value) in members {
      let (element, childShape) = shape.member(key)
      var child = node(of: value, childShape)
      if value.isNull || value.object?.isEmpty == true || !shape.declares(key) { child.isMember = true }
      result.append(element, child)
    }
    return result
  }

  private static func node(of items: [JSON], _ shape: MergeShape) -> FieldNode {
    guard let itemShape = shape.item else { return FieldNode() }
    var seen = Set<String>()
    var nodes: [(String, JSON)] = []
    for item in items {
      guard let element = shape.pathElement(of: item) else { continue }
      guard seen.insert(element).inserted else {
        // Several items of one key are owned together, as one leaf.
        nodes.append((element, .emptyObject))
        continue
      }
      var child = node(of: item, itemShape)
      child.isMember = true
      nodes.append((element, child.json))
    }
    return FieldNode(children: Members(nodes))
  }

  /// Fields of structs above the paths of the set count as members too: so a struct goes as a whole, with what was
  /// defaulted in it, when nobody sets any field of it any more.
  func withNamedFields(_ schema: ObjectSchema) -> FieldSet {
    FieldSet(root: Self.named(root, .object(schema)))
  }

  private static func named(_ children: Members, _ shape: MergeShape?) -> Members {
    var result = Members()
    for (key, value) in children {
      var node = FieldNode(value)
      let name = key.hasPrefix("f:") ? String(key.dropFirst(2)) : nil
      if !node.children.isEmpty {
        node.children = named(node.children, name.map { shape?.child($0) } ?? shape?.item)
        if let name, shape?.declares(name) == true { node.isMember = true }
      }
      result.append(key, node.json)
    }
    return result
  }
}
