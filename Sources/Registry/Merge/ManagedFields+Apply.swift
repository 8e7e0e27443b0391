import JSONCore
import Objects
import Schemas

/// What a server-side apply made of an object.
public struct AppliedObject: Sendable {
  /// The object with its new managedFields. Defaults and the removal of nulls are still to come.
  public var object: JSON
  /// Whether the configuration changed nothing but who owns what.
  public var isUnchanged: Bool
}

extension ManagedFields {
  /// The manager that gets the content of an object which nobody tracked before it was applied to.
  static let untrackedManager = "before-first-apply"

  /// Applies a configuration to an object, by the rules of structured-merge-diff.
  /// - Parameters:
  ///   - live: the stored object; nil when the apply creates it.
  ///   - kind: what the object is; the configuration must say the same.
  ///   - force: takes fields that others own.
  /// - Throws: 400 for a configuration of another kind or with managedFields, 409 for conflicts, 500 for one that its
  ///   schema does not allow (so does the stock server).
  public static func apply(
    _ configuration: JSON, to live: JSON?, _ kind: GroupVersionKind, by writer: FieldWriter, force: Bool,
    _ schema: ObjectSchema, reset: FieldSet = FieldSet()
  ) throws(Status) -> AppliedObject {
    try check(configuration, kind, schema)
    var fields = ManagedFields(of: live)
    var base = live ?? .emptyObject
    if live != nil { base["metadata"]?["managedFields"] = nil }
    if fields.isEmpty, live != nil {
      var earlier = writer
      earlier.manager = untrackedManager
      earlier.subresource = ""
      // A new object in the eyes of the comparison: all that is in it belongs to the manager.
      fields.recordUpdate(old: nil, new: base, by: earlier, schema)
    }
    let application = Application(
      configuration: configuration, base: base, isNew: live == nil, writer: writer, schema: schema, reset: reset)
    var (object, isUnchanged) = try application.perform(on: &fields, force: force)
    if writer.manager == LastApplied.manager, LastApplied.text(of: base) != nil {
      object = LastApplied.synchronized(object, with: configuration)
      isUnchanged = isUnchanged && object == base
    }
    return AppliedObject(object: fields.stored(in: object), isUnchanged: isUnchanged)
  }

  private static func check(
    _ configuration: JSON, _ kind: GroupVersionKind, _ schema: ObjectSchema
  ) throws(Status) {
    let apiVersion = configuration.text("apiVersion")
    let name = configuration.text("kind")
    guard apiVersion == kind.apiVersion, name == kind.kind else {
      let shown = apiVersion.contains("/") ? apiVersion : "/" + apiVersion
      throw .badRequest("invalid object type: \(shown), Kind=\(name)")
    }
    let metadata = configuration["metadata"] ?? .emptyObject
    if let sent = metadata["managedFields"], !sent.isNull { throw .badRequest("metadata.managedFields must be nil") }
    if let problem = AppliedCheck.problem(in: configuration, schema) {
      let subject =
        "\(metadata.text("namespace"))/\(metadata.text("name")); \(kind.group)/\(kind.version), Kind=\(kind.kind)"
      throw Status(
        code: 500, reason: "", message: "failed to create typed patch object (\(subject)): \(problem)")
    }
  }
}

/// One apply: a configuration that meets an object.
private struct Application {
  let configuration: JSON
  /// The stored object without its managedFields.
  let base: JSON
  let isNew: Bool
  let writer: FieldWriter
  let schema: ObjectSchema
  let reset: FieldSet

  func perform(on fields: inout ManagedFields, force: Bool) throws(Status) -> (JSON, Bool) {
    // What was sent counts as owned in full until the end: `metadata.name` keeps `metadata` from being pruned.
    var entry = ManagedFields.Entry(
      writer, isApplied: true, fields: FieldSet(of: configuration, schema).subtractingTrees(reset))
    let position = fields.entries.firstIndex { $0.isSameManager(as: entry) }
    let last = position.map { fields.entries[$0] }
    entry.time = last?.time
    if let position { fields.entries.remove(at: position) }

    let merged = base.merged(with: configuration, schema)
    let object = pruned(merged, last: last?.fields, owned: fields.entries.filter(\.isApplied) + [entry])
    var comparison = Comparison(isNew ? nil : base, object, schema)
    comparison.exclude(reset)
    let conflicts = fields.conflicts(over: comparison.changed)
    if !force, !conflicts.isEmpty {
      let allowed = writer.manager == LastApplied.manager ? LastApplied.unchanged(in: base, schema) : FieldSet()
      try fields.refuse(conflicts, but: allowed)
    }
    fields.take(comparison.changed.union(comparison.removed)) { _ in true }
    let isUnchanged = object == base
    if !isUnchanged { entry.time = writer.time.rfc3339 }
    entry.fields = entry.fields.subtracting(.untracked)
    if !entry.fields.isEmpty { fields.entries.append(entry) }
    return (object, isUnchanged)
  }

  /// Removes what the applier owned, does not send any more, and no other applier owns.
  ///
  /// In three steps, as upstream: all that was owned goes; what any applier still owns comes back; what the applier never
  /// owned comes back too.
  private func pruned(_ merged: JSON, last: FieldSet?, owned entries: [ManagedFields.Entry]) -> JSON {
    guard let last, !last.isEmpty else { return merged }
    let owned = entries.reduce(FieldSet()) { $0.union($1.fields) }
    // The usual case: all that was owned is sent again, so nothing can go.
    if last.subtracting(owned).isEmpty { return merged }
    let lastNamed = last.withNamedFields(schema)
    let mergedFields = FieldSet(of: merged, schema).withNamedFields(schema)
    func fields(of object: JSON) -> FieldSet { FieldSet(of: object, schema).withNamedFields(schema) }

    let without = merged.removing(lastNamed, schema)
    let kept = fields(of: without).union(owned.withNamedFields(schema))
    let restored = merged.removing(mergedFields.subtracting(kept), schema)
    let gone = mergedFields.subtracting(fields(of: restored)).intersection(lastNamed)
    return merged.removing(gone, schema)
  }
}
