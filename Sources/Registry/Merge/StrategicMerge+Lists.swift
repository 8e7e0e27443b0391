import JSONCore
import Objects
import Schemas

extension StrategicMerge {
  static func mergeList(_ original: [JSON], _ patch: [JSON], _ field: PatchedField) throws(Status) -> [JSON] {
    if original.isEmpty && patch.isEmpty { return original }
    guard try holdsObjects(original, patch) else {
      let merged = unique(original + patch)
      return ordered(merged, by: patch, original: original) { $0 }
    }
    guard let key = field.mergeKey else {
      throw failure("cannot merge lists without merge key for type \(field.type?.element?.goKind ?? "interface")")
    }
    guard let (remaining, changes) = try applyDirectives(original, patch, key) else {
      return patch.compactMap(withoutDirectives)
    }
    var items = remaining
    for change in changes {
      let identity = try mergeKey(of: change, key)
      if let index = items.firstIndex(where: { $0[key] == identity }) {
        items[index] = .object(
          try merge(items[index].object ?? Members(), change.object ?? Members(), field.itemPlace))
      } else if let item = withoutDirectives(change) {
        items.append(item)
      }
    }
    return try ordered(items, by: changes, original: original, key)
  }

  /// Items of a patch list may ask for the deletion of an item, or for the list to be replaced: then the result is nil.
  private static func applyDirectives(
    _ original: [JSON], _ patch: [JSON], _ key: String
  ) throws(Status) -> (items: [JSON], changes: [JSON])? {
    var items = original
    var changes: [JSON] = []
    var replaces = false
    for change in patch {
      switch change[directive] {
      case nil: changes.append(change)
      case "delete":
        let identity = try mergeKey(of: change, key)
        items.removeAll { $0[key] == identity }
      case "replace": replaces = true
      case "merge": throw failure("merging lists cannot yet be specified in the patch")
      case let directive?: throw unknownDirective(directive, in: change.object ?? Members())
      }
    }
    return replaces ? nil : (items, changes)
  }

  /// Merges the lists that come with an order of their elements, and takes them out of the patch.
  static func mergeOrderedLists(_ members: inout Members, _ patch: inout Members, _ place: Place) throws(Status) {
    for key in patch.allKeys where key.hasPrefix(elementOrder) {
      guard let order = patch.removeValue(forKey: key)?.array else {
        throw .badRequest("invalid patch format of setElementOrder list")
      }
      let name = String(key.dropFirst(elementOrder.count))
      let (old, change) = (members[name], patch[name])
      if (old == nil || old == .null) && (change == nil || change == .null) { continue }
      guard let original = (old ?? []).array, let changes = (change ?? []).array else {
        throw failure(
          "expected a []interface {}, but received a \((old?.array == nil ? old : change)?.goType ?? "nil")")
      }
      let field = try lookup(name, place)
      try check(changes, follow: order, field.mergeKey)
      var merged = original
      if change != nil {
        merged =
          old != nil && !field.strategy.merges
          ? changes.compactMap(withoutDirectives) : try mergeList(original, changes, field)
      }
      patch.removeValue(forKey: name)
      if let key = field.mergeKey {
        members[name] = .array(try ordered(merged, by: order, original: original, key))
      } else {
        members[name] = .array(ordered(merged, by: order, original: original) { $0 })
      }
    }
  }

  /// The items of a patch list must be among those of the order, and in that order.
  private static func check(_ patch: [JSON], follow order: [JSON], _ key: String?) throws(Status) {
    if order.isEmpty || patch.isEmpty { return }
    var position = 0
    for item in patch where item[directive] == nil {
      let identity = try key.map { (key) throws(Status) in try mergeKey(of: item, key) } ?? item
      while position < order.count {
        let candidate = order[position]
        position += 1
        if try key.map({ (key) throws(Status) in try mergeKey(of: candidate, key) }) ?? candidate == identity { break }
        if position == order.count {
          throw failure(
            "The order in patch list:\n\(JSON.array(patch).goText)\n doesn't match $setElementOrder list:\n"
              + "\(JSON.array(order).goText)\n")
        }
      }
    }
  }

  private static func ordered(
    _ items: [JSON], by order: [JSON], original: [JSON], _ key: String
  ) throws(Status) -> [JSON] {
    for item in items { _ = try mergeKey(of: item, key) }
    return ordered(items, by: order, original: original) { $0[key] ?? .null }
  }

  /// The items that the order names, in that order, and between them those that only the server has: each of these stays
  /// behind the items that it stood behind.
  private static func ordered(
    _ items: [JSON], by order: [JSON], original: [JSON], identity: (JSON) -> JSON
  ) -> [JSON] {
    let places = positions(order, identity)
    let known = positions(original, identity)
    let named = items.enumerated().filter { places[identity($0.element)] != nil }
      .sorted {
        let (left, right) = (places[identity($0.element)] ?? 0, places[identity($1.element)] ?? 0)
        return (left, $0.offset) < (right, $1.offset)
      }.map(\.element)
    let others = items.enumerated().filter { places[identity($0.element)] == nil }
      .sorted {
        let (left, right) = (known[identity($0.element)] ?? .max, known[identity($1.element)] ?? .max)
        return (left, $0.offset) < (right, $1.offset)
      }.map(\.element)
    return interleaved(named, others) { known[identity($0)] }
  }

  private static func interleaved(_ named: [JSON], _ others: [JSON], position: (JSON) -> Int?) -> [JSON] {
    var result: [JSON] = []
    var (n, o) = (0, 0)
    while n < named.count, o < others.count {
      // An item that is new has no place in the old list and comes before the next one of the server.
      if let place = position(named[n]), let other = position(others[o]), other < place {
        result.append(others[o])
        o += 1
      } else {
        result.append(named[n])
        n += 1
      }
    }
    return result + named[n...] + others[o...]
  }

  private static func positions(_ list: [JSON], _ identity: (JSON) -> JSON) -> [JSON: Int] {
    var result: [JSON: Int] = [:]
    for (index, item) in list.enumerated() where result[identity(item)] == nil { result[identity(item)] = index }
    return result
  }

  private static func mergeKey(of item: JSON, _ key: String) throws(Status) -> JSON {
    guard let value = item[key] else {
      throw failure("map: \(item.goText) does not contain declared merge key: \(key)")
    }
    return value
  }

  private static func unique(_ values: [JSON]) -> [JSON] {
    var seen = Set<JSON>()
    return values.filter { seen.insert($0).inserted }
  }

  /// Whether the lists hold objects; all elements must be of one type, and lists of lists do not merge.
  private static func holdsObjects(_ lists: [JSON]...) throws(Status) -> Bool {
    let types = Set(lists.joined().map(\.goType))
    if types.contains("[]interface {}") { throw PatchStatus.rejected }
    if types.count > 1 {
      throw failure(
        "list element types are not identical: \(lists.map { JSON.array($0).goText }.joined(separator: " "))")
    }
    return types.contains("map[string]interface {}")
  }
}

extension FieldType {
  /// Go's kind of the type.
  fileprivate var goKind: String {
    switch self {
    case .object: "struct"
    case .map: "map"
    case .array, .bytes: "slice"
    case .string: "string"
    case .bool: "bool"
    case .int32: "int32"
    case .int64: "int64"
    case .double: "float64"
    default: "struct"
    }
  }
}
