import JSONCore
import Schemas
import Values

extension ManagedFields {
  /// How many managers that do not apply are told apart.
  static let maximumUpdaters = 10

  /// A new object with its `metadata.managedFields`, after a create, update or patch.
  /// - Parameters:
  ///   - old: the stored object; nil when it is created.
  ///   - new: the object after defaulting and admission. Its own managedFields count where a client may set them.
  ///   - reset: what this write cannot change, and so cannot own (`ResetFields`).
  public static func recorded(
    old: JSON?, new: JSON, by writer: FieldWriter, _ schema: ObjectSchema, reset: FieldSet = FieldSet()
  ) -> JSON {
    var fields = ManagedFields(live: old, new: new, subresource: writer.subresource)
    fields.recordUpdate(old: old, new: new, by: writer, schema, reset: reset)
    return fields.stored(in: new)
  }

  /// Gives the fields that changed to the writer and takes those that are gone from everyone.
  public mutating func recordUpdate(
    old: JSON?, new: JSON, by writer: FieldWriter, _ schema: ObjectSchema, reset: FieldSet = FieldSet()
  ) {
    // An object that nobody tracks stays untracked until somebody applies to it.
    if entries.isEmpty && old != nil { return }
    let changed: FieldSet
    let removed: FieldSet
    if let old {
      // What a client says of the managers is no change of its own, and dear to compare.
      var wanted = new
      wanted["metadata", default: .emptyObject].copy("managedFields", from: old["metadata"] ?? .emptyObject)
      var comparison = Comparison(old, wanted, schema)
      comparison.exclude(.untrackedTrees)
      comparison.exclude(reset)
      (changed, removed) = (comparison.changed, comparison.removed)
    } else {
      let all = FieldSet(ofNew: new.withoutUntracked, schema)
      (changed, removed) = (reset.isEmpty ? all : all.subtractingTrees(reset), FieldSet())
    }
    if changed.isEmpty && removed.isEmpty { return }
    let own = Entry(writer, isApplied: false, fields: changed)
    // What the writer has already stays with it.
    take(changed.union(removed)) { !$0.isSameManager(as: own) }
    take(removed) { $0.isSameManager(as: own) }
    if !changed.isEmpty { give(own, at: writer.time) }
    mergeOldUpdaters()
  }

  /// The object with these managedFields.
  public func stored(in object: JSON) -> JSON {
    var object = object
    object["metadata", default: .emptyObject]["managedFields"] = json
    return object
  }

  mutating func take(_ fields: FieldSet, from managers: (Entry) -> Bool) {
    if fields.isEmpty { return }
    for index in entries.indices where managers(entries[index]) {
      entries[index].fields = entries[index].fields.subtracting(fields)
    }
    entries.removeAll { $0.fields.isEmpty }
  }

  private mutating func give(_ own: Entry, at time: Instant) {
    var entry = own
    entry.time = time.rfc3339
    if let index = entries.firstIndex(where: { $0.isSameManager(as: entry) }) {
      entry.fields.formUnion(entries[index].fields)
      entries[index] = entry
    } else {
      entries.append(entry)
    }
  }

  /// Merges the oldest updaters of each version into one, until few enough are left.
  private mutating func mergeOldUpdaters() {
    var excess = entries.count { !$0.isApplied } - Self.maximumUpdaters
    if excess <= 0 { return }
    let oldest = entries.filter { !$0.isApplied }.sorted {
      ($0.time == nil ? .min : $0.instant, $0.identity) < ($1.time == nil ? .min : $1.instant, $1.identity)
    }
    var firstOfVersion: [String: Entry] = [:]
    for entry in oldest where excess > 0 {
      guard let first = firstOfVersion[entry.apiVersion] else {
        firstOfVersion[entry.apiVersion] = entry
        continue
      }
      var bucket = first
      bucket.manager = "ancient-changes"
      bucket.subresource = ""
      bucket.time = entry.time
      let merged = entries.filter { $0.isSameManager(as: bucket) || $0 == first || $0 == entry }
      bucket.fields = merged.reduce(FieldSet()) { $0.union($1.fields) }
      entries.removeAll { merged.contains($0) }
      entries.append(bucket)
      firstOfVersion[entry.apiVersion] = bucket
      excess -= 1
    }
  }
}

extension JSON {
  /// The object without what nobody owns: its identity and what the server alone writes.
  var withoutUntracked: JSON {
    guard let members = object else { return .emptyObject }
    var result = Members()
    result.reserveCapacity(members.count)
    for index in 0..<members.count {
      switch (members.key(at: index), members.value(at: index)) {
      case ("apiVersion", _), ("kind", _): break
      case ("metadata", .object(let metadata)): result.append("metadata", .object(Self.tracked(metadata)))
      default: result.append(index, of: members)
      }
    }
    return .object(result)
  }

  private static func tracked(_ metadata: Members) -> Members {
    var result = Members()
    for index in 0..<metadata.count where !untrackedMetadata.contains(metadata.key(at: index)) {
      result.append(index, of: metadata)
    }
    return result
  }

  static let untrackedMetadata: [String] = [
    "clusterName", "creationTimestamp", "generation", "managedFields", "name", "namespace", "resourceVersion",
    "selfLink",
    "uid",
  ]
}

extension FieldSet {
  /// What nobody owns, as trees.
  static let untrackedTrees = FieldSet(
    fields: ["apiVersion", "kind"] + JSON.untrackedMetadata.map { "metadata." + $0 })

  /// The paths that are taken out of what an applier owns.
  static let untracked = FieldSet(
    fields: ["apiVersion", "kind", "metadata"] + JSON.untrackedMetadata.map { "metadata." + $0 })
}
