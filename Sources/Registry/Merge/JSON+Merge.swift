import JSONCore
import Schemas

extension JSON {
  /// The object with all that an applied configuration says on top.
  /// Lists keep the order of the object, but for items that the configuration orders among themselves.
  func merged(with applied: JSON, _ schema: ObjectSchema) -> JSON {
    Self.merge(self, applied, .object(schema)) ?? .emptyObject
  }

  private static func merge(_ live: JSON?, _ applied: JSON?, _ shape: MergeShape) -> JSON? {
    switch shape {
    case .leaf: return applied ?? live
    case .object, .map: return mergeMembers(live, applied, shape)
    case .set, .keyed: return mergeItems(live, applied, shape)
    case .deduced:
      guard (applied ?? live)?.object != nil else { return applied ?? live }
      return mergeMembers(live?.object == nil ? nil : live, applied, shape)
    }
  }

  private static func mergeMembers(_ live: JSON?, _ applied: JSON?, _ shape: MergeShape) -> JSON? {
    let left = live?.object ?? Members()
    let right = applied?.object ?? Members()
    if left.isEmpty && right.isEmpty { return applied ?? live }
    if right.isEmpty { return live }
    var result = Members()
    result.reserveCapacity(max(left.count, right.count))
    var (i, j) = (0, 0)
    while i < left.count || j < right.count {
      let order = i == left.count ? false : j == right.count ? true : keyOrder(left[i].key, right[j].key)
      let name = order == false ? right[j].key : left[i].key
      let old = order == false ? nil : left[i].value
      let new = order == true ? nil : right[j].value
      if order != false { i += 1 }
      if order != true { j += 1 }
      let value = new == nil ? old : merge(old, new, shape.child(name) ?? .deduced)
      if let value { result.append(name, value) }
    }
    return result.isEmpty ? nil : .object(result)
  }

  private static func mergeItems(_ live: JSON?, _ applied: JSON?, _ shape: MergeShape) -> JSON? {
    let left = live?.array ?? []
    let right = applied?.array ?? []
    if left.isEmpty && right.isEmpty { return applied ?? live }
    if right.isEmpty { return live }
    var merger = ListMerger(left, right, shape) { merge($0, $1, $2) }
    let items = merger.merged()
    return items.isEmpty ? nil : .array(items)
  }
}
