import JSONCore
import Schemas

extension JSON {
  /// The object without the values at the paths of the set. A container that loses all its content becomes null: it
  /// still is there, with nothing in it.
  func removing(_ fields: FieldSet, _ schema: ObjectSchema) -> JSON {
    fields.isEmpty ? self : Self.remove(fields.root, from: self, .object(schema))
  }

  private static func remove(_ children: Members, from value: JSON, _ shape: MergeShape) -> JSON {
    switch (shape, value) {
    case (.object, .object(let members)), (.map, .object(let members)), (.deduced, .object(let members)):
      return remove(children, from: members, shape)
    case (.set, .array(let items)), (.keyed, .array(let items)):
      return remove(children, from: items, shape)
    case (.leaf, .array), (.leaf, .object): return .null
    default: return value
    }
  }

  private static func remove(_ children: Members, from members: Members, _ shape: MergeShape) -> JSON {
    let result = members.compactMapValues { key, value in
      guard let json = children["f:" + key] else { return value }
      let node = FieldNode(json)
      return node.isMember ? nil : remove(node.children, from: value, shape.child(key) ?? .deduced)
    }
    return result.isEmpty ? .null : .object(result)
  }

  private static func remove(_ children: Members, from items: [JSON], _ shape: MergeShape) -> JSON {
    let itemShape = shape.item ?? .deduced
    let result = items.compactMap { item -> JSON? in
      guard let element = shape.pathElement(of: item), let json = children[element] else { return item }
      let node = FieldNode(json)
      return node.isMember ? nil : remove(node.children, from: item, itemShape)
    }
    return result.isEmpty ? .null : .array(result)
  }
}
