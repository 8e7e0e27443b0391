import JSONCore
import Objects
import Schemas
import Storage
import Values

extension Cluster {
  /// Deletes an object, or marks it as being deleted where finalizers or a grace period keep it for a while.
  /// - Throws: 403 for namespaces that must stay, 404, 409 when a precondition does not hold.
  public func delete(
    _ kind: Kind, namespace: String, name: String, _ options: DeleteOptions
  ) async throws(Status) -> Deleted {
    try options.check()
    try NamespaceLifecycle.admitDelete(kind, name)
    try NodeRestriction.admitDelete(kind, namespace, name, options.caller, snapshot)
    let key = key(kind, namespace, name)
    for _ in 0..<Self.tries(extenders(kind, .delete, snapshot)) {
      guard let stored = snapshot[key] else { throw .notFound(kind.resource, name) }
      // A deletion changes metadata alone, which are the same in every version: what cannot be converted can still go.
      let old = kind.convertsByWebhook ? stored.json : try presented(stored.json, as: kind)
      try Self.checkPreconditions(options, stored, kind)
      let asked = WriteOptions(caller: options.caller, isDryRun: options.isDryRun, notes: options.notes)
      let warnings = try await ask(.delete, kind, namespace: namespace, name: name, nil, old: old, asked)
      let next = Deletion(kind: kind, now: now, options: options).step(from: old)
      do throws(StoreError) {
        var deleted = try await perform(next, stored, kind, options)
        deleted.warnings += warnings
        return deleted
      } catch .conflict where options.resourceVersion == nil {
        continue
      } catch {
        throw Status(error, kind.resource, name)
      }
    }
    throw .stale(kind.resource, name)
  }

  private func perform(
    _ step: Deletion.Step, _ stored: Object, _ kind: Kind, _ options: DeleteOptions
  ) async throws(StoreError) -> Deleted {
    switch step {
    case .wait(let object):
      return answer(object, stored.revision, stored.key, isGone: false, kind, options)
    case .mark(let object):
      var revision = stored.revision
      if !options.isDryRun {
        let write = Write(stored.key, .update(try converted(object, from: kind), expected: stored.revision))
        revision = try await store.commit(write).revision
      }
      return answer(object, revision, stored.key, isGone: false, kind, options)
    case .remove(let object):
      var revision = stored.revision
      if !options.isDryRun {
        let write = Write(stored.key, .delete(expected: stored.revision))
        revision = try await store.commit(together: [write], releasing: Self.releases(of: object, kind))[0].revision
      }
      return answer(object, revision, stored.key, isGone: true, kind, options)
    }
  }

  private func answer(
    _ object: JSON, _ revision: Int64, _ key: Key, isGone: Bool, _ kind: Kind, _ options: DeleteOptions
  ) -> Deleted {
    var object = object
    object["metadata", default: .emptyObject]["resourceVersion"] = .string(String(revision))
    let details = Status.Details(
      name: object.name, group: kind.resource.group, kind: kind.resource.resource, uid: object.uid)
    return Deleted(
      object: Object(key: key, revision: revision, blob: object.blob), isGone: isGone,
      showsObject: !isGone || Strategy.of(kind).showsDeleted,
      code: !isGone && options.orphanDependents == false ? 202 : 200, details: details,
      warnings: Self.warnings(kind, options))
  }

  /// Deleting a job leaves its pods behind unless the client says otherwise, which surprises many.
  public static func warnings(_ kind: Kind, _ options: DeleteOptions) -> [String] {
    guard kind.resource == .jobs, options.propagation == nil, options.orphanDependents == nil else { return [] }
    return [
      "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
        + "propagationPolicy=Orphan to suppress this warning"
    ]
  }

  /// What gives back what the object held elsewhere: the addresses of a service.
  static func releases(of object: JSON, _ kind: Kind) -> [Write] {
    guard kind.resource == .services else { return [] }
    return ServiceRule.addresses(of: object).map { Write(Key(.addresses, name: $0), .delete(expected: nil)) }
  }

  private func converted(_ object: JSON, from kind: Kind) throws(StoreError) -> JSON {
    if kind.convertsByWebhook { return object }
    do { return try stored(object, from: kind) } catch { throw .refused(error) }
  }

  private static func checkPreconditions(_ options: DeleteOptions, _ stored: Object, _ kind: Kind) throws(Status) {
    // These messages name the kind where others name the resource.
    let subject = GroupResource(kind.group, kind.name)
    if let uid = options.uid, uid != stored.uid {
      throw .conflict(
        subject, stored.name,
        "the UID in the precondition (\(uid)) does not match the UID in record (\(stored.uid)). The object might have been "
          + "deleted and then recreated")
    }
    if let revision = options.resourceVersion, revision != String(stored.revision) {
      throw .conflict(
        subject, stored.name,
        "the ResourceVersion in the precondition (\(revision)) does not match the ResourceVersion in record "
          + "(\(stored.revision)). The object might have been modified")
    }
  }

  /// Deletes the objects of a list, each with the rules of a single deletion.
  /// - Returns: the objects as they were.
  public func deleteCollection(
    _ kind: Kind, namespace: String?, _ selection: ListOptions, _ options: DeleteOptions
  ) async throws(Status) -> ObjectList {
    let list = try await list(kind, namespace: namespace, selection)
    for object in list.objects {
      do {
        _ = try await delete(kind, namespace: object.namespace, name: object.name, options)
      } catch  where error.code == 404 {
        // Somebody else deleted it: that is what was wanted.
      }
    }
    return list
  }
}
