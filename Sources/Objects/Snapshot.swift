import HashTreeCollections

/// The cluster as a value: all objects at one revision. Immutable, cheap to hold and to pass on.
///
/// The next one shares everything with this one but what changed: the cost of a change does not grow with the cluster.
public struct Snapshot: Sendable {
  /// The resourceVersion of the cluster: that of its latest change.
  public let revision: Int64
  /// By the number of the resource.
  private let tables: [ObjectTable?]
  /// Keys rather than objects, so that an update leaves it alone.
  private let uids: TreeDictionary<String, Key>
  /// The objects that name an owner, by its UID.
  private let owned: TreeDictionary<String, ObjectTable>

  public static let empty = Snapshot(revision: 0, tables: [], uids: [:], owned: [:])

  private init(
    revision: Int64, tables: [ObjectTable?], uids: TreeDictionary<String, Key>,
    owned: TreeDictionary<String, ObjectTable>
  ) {
    self.revision = revision
    self.tables = tables
    self.uids = uids
    self.owned = owned
  }

  /// - Parameter objects: the states of different keys, in any order.
  public init(revision: Int64, objects: [Object]) {
    self = Snapshot.empty.applying(objects.map { Change(.added, $0) }, revision: revision)
  }

  public subscript(key: Key) -> Object? { table(key.resource).find(key) }

  public func object(uid: String) -> Object? { uids[uid].flatMap { self[$0] } }

  /// The objects whose owner references name this UID, sorted by resource, namespace and name.
  public func dependents(of uid: String) -> [Object] {
    guard let table = owned[uid] else { return [] }
    return Array(ObjectSlice(table, 0..<table.count))
  }

  /// The objects of a resource, sorted by namespace and name.
  /// - Parameter namespace: nil for all of them; "" for cluster-scoped objects is the same.
  public func objects(_ resource: GroupResource, namespace: String? = nil) -> ObjectSlice {
    let table = table(resource)
    guard let namespace else { return ObjectSlice(table, 0..<table.count) }
    let start = table.firstPosition { $0.namespace < namespace }
    let end = table.firstPosition { $0.namespace <= namespace }
    return ObjectSlice(table, start..<end)
  }

  public func objects(
    _ resource: GroupResource, namespace: String? = nil, matching selector: LabelSelector
  ) -> [Object] {
    objects(resource, namespace: namespace).matching(selector)
  }

  public func count(_ resource: GroupResource, namespace: String? = nil) -> Int {
    objects(resource, namespace: namespace).count
  }

  /// The resources that have objects.
  public var resources: [GroupResource] { tables.compactMap { $0?.chunks.first?.objects[0].key.resource } }

  private func table(_ resource: GroupResource) -> ObjectTable {
    (resource.index < tables.count ? tables[resource.index] : nil) ?? .empty
  }
}

extension Snapshot {
  /// The cluster after these changes, the latest revision of which becomes its own.
  public func applying(_ changes: [Change]) -> Snapshot {
    applying(changes, revision: changes.reduce(revision) { max($0, $1.revision) })
  }

  private func applying(_ changes: [Change], revision: Int64) -> Snapshot {
    applying(
      changes.map { ObjectTable.Edit(key: $0.key, object: $0.kind == .deleted ? nil : $0.object) }, revision: revision)
  }

  /// The cluster before these changes, which must be all that happened since `revision`, in their order.
  public func reverting(_ changes: [Change], to revision: Int64) -> Snapshot {
    applying(changes.reversed().map { ObjectTable.Edit(key: $0.key, object: $0.previous) }, revision: revision)
  }

  private func applying(_ edits: [ObjectTable.Edit], revision: Int64) -> Snapshot {
    var edits = edits
    if edits.count > 1 { edits = Self.sortedLast(edits) }
    var tables = tables
    var indexes = Indexes(uids: uids, owned: owned)
    var rest = edits[...]
    while let first = rest.first {
      let resource = first.key.resource
      let mine = rest.prefix { $0.key.resource == resource }
      rest = rest.dropFirst(mine.count)
      while tables.count <= resource.index { tables.append(nil) }
      let table = table(resource)
      for edit in mine { indexes.update(edit, previous: table.find(edit.key)) }
      tables[resource.index] = table.applying(mine)
    }
    return Snapshot(revision: revision, tables: tables, uids: indexes.uids, owned: indexes.owned)
  }

  /// In order of keys; of several edits of a key only the last.
  private static func sortedLast(_ edits: [ObjectTable.Edit]) -> [ObjectTable.Edit] {
    let order = edits.indices.sorted { left, right in
      let (leftKey, rightKey) = (edits[left].key, edits[right].key)
      return leftKey == rightKey ? left < right : ObjectTable.precedes(leftKey, rightKey)
    }
    var result: [ObjectTable.Edit] = []
    result.reserveCapacity(edits.count)
    for index in order {
      if result.last?.key == edits[index].key { result.removeLast() }
      result.append(edits[index])
    }
    return result
  }
}

/// The ways to objects other than by key.
private struct Indexes {
  var uids: TreeDictionary<String, Key>
  var owned: TreeDictionary<String, ObjectTable>

  mutating func update(_ edit: ObjectTable.Edit, previous: Object?) {
    let object = edit.object
    if previous?.uid != object?.uid {
      if let previous, uids[previous.uid] == previous.key { uids.removeValue(forKey: previous.uid) }
      if let object, !object.uid.isEmpty { uids[object.uid] = object.key }
    }
    for uid in previous?.owners ?? [] where !(object?.owners.contains(uid) ?? false) {
      let table = (owned[uid] ?? .empty).applying([ObjectTable.Edit(key: edit.key, object: nil)])
      owned[uid] = table.count == 0 ? nil : table
    }
    for uid in object?.owners ?? [] {
      owned[uid] = (owned[uid] ?? .empty).applying([edit])
    }
  }
}
