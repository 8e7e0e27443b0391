import JSONCore
import Objects
import Schemas
import Storage
import Validation
import Values

extension Cluster {
  /// Replaces an object or one of its subresources (`status`, `finalize`, `ephemeralcontainers`, `resize`, `approval`, `scale`).
  /// - Throws: 400 for a body that does not belong here, 404, 409 when the body's resourceVersion is not the stored one, 422.
  public func update(
    _ kind: Kind, namespace: String, name: String, subresource: String? = nil, _ body: JSON, _ options: WriteOptions
  ) async throws(Status) -> Written {
    if subresource == "scale" {
      return try await updateScale(kind, namespace, name, body, options)
    }
    var warnings: [String] = []
    // What the body leaves as it is stored needs no reading, if it was read by the same rules when it was stored.
    let known = snapshot[key(kind, namespace, name)]
    let stored = known.flatMap { (kind.isCustom ? isCurrent($0, as: kind) : kind.isStored) ? $0.json : nil }
    var object = try decodedBody(kind, stored.map(body.sharing) ?? body, stored: stored, options, &warnings)
    try Self.checkName(object, name)
    try Self.placeInNamespace(&object, kind, namespace)
    let decoded = object
    if known == nil {
      try Self.checkIdentity(decoded, storedUID: "", kind, namespace, name)
    }
    let isNew = subresource == nil && Strategy.of(kind).createsOnUpdate && known == nil
    if isNew {
      do {
        return try await create(kind, namespace, decoded: decoded.withoutRevision, options, warnings)
      } catch  where error.reason == "AlreadyExists" {
        // Somebody else made it meanwhile: it is an update after all.
      }
    }
    return try await change(kind, namespace, name, subresource, options, warnings) {
      (old: JSON, _: inout [String]) throws(Status) -> JSON in
      try Self.checkIdentity(decoded, storedUID: old.uid, kind, namespace, name)
      return decoded.sharing(old)
    }
  }

  /// A body that names a uid is meant for that very object, not for another one that came to its name, nor for a new one.
  /// - Parameter storedUID: "" when there is no object of the name.
  static func checkIdentity(
    _ object: JSON, storedUID: String, _ kind: Kind, _ namespace: String, _ name: String
  ) throws(Status) {
    let uid = object.uid
    guard !uid.isEmpty, uid != storedUID else { return }
    throw .conflict(
      kind.resource, name,
      "StorageError: invalid object, Code: 4, Key: \(registryPath(kind, namespace, name)), ResourceVersion: 0, "
        + "AdditionalErrorMsg: Precondition failed: UID in precondition: \(uid), UID in object meta: \(storedUID)")
  }

  /// Where the stock server would keep the object; it stands in the message of one error.
  static func registryPath(_ kind: Kind, _ namespace: String, _ name: String) -> String {
    let oldNames = [
      "replicationcontrollers": "controllers", "endpoints": "services/endpoints", "services": "services/specs",
      "nodes": "minions", "ingresses": "ingress",
    ]
    let resource = oldNames[kind.resource.resource] ?? kind.resource.resource
    return (["/registry", resource] + (kind.isNamespaced ? [namespace] : []) + [name]).joined(separator: "/")
  }

  static func checkName(_ object: JSON, _ name: String) throws(Status) {
    let given = object.name
    if given.isEmpty {
      throw .badRequest("the name of the object (\(name) based on URL) was undeterminable: name must be provided")
    }
    if given != name {
      throw .badRequest("the name of the object (\(given)) does not match the name on the URL (\(name))")
    }
  }

  /// What sets the changes of an object apart.
  struct ChangeMode {
    /// The wanted object came as a whole, without looking at the stored one.
    var isWhole = false
    /// The change is noted in managedFields.
    var tracks = true
    /// Admission, the rules of the kind and validation have a say; what the server does by itself needs none.
    var isJudged = true
    /// See `WriteContext.view`.
    var view: (@Sendable (JSON) throws(Status) -> JSON)?

    static let update = ChangeMode(isWhole: true)
    static let patch = ChangeMode()
    static let applying = ChangeMode(tracks: false)
    static let own = ChangeMode(tracks: false, isJudged: false)
  }

  /// The way of every change to a stored object: take the newest state, make the new one from it, store it; and again from
  /// the start when somebody was quicker and the caller did not insist on a version.
  /// - Parameter make: the wanted object, decoded, from the stored one; it may carry a resourceVersion as precondition.
  func change(
    _ kind: Kind, _ namespace: String, _ name: String, _ subresource: String?, _ options: WriteOptions,
    _ warnings: [String], _ mode: ChangeMode = .update,
    make: (_ old: JSON, _ warnings: inout [String]) throws(Status) -> JSON
  ) async throws(Status) -> Written {
    let key = key(kind, namespace, name)
    var tries = 0
    while true {
      tries += 1
      guard let stored = snapshot[key] else { throw .notFound(kind.resource, name) }
      let old =
        kind.convertsByWebhook ? try await shown([stored.json], as: kind)[0] : try presented(stored.json, as: kind)
      var context = context(.update, kind, namespace, name, subresource, options)
      context.warnings = warnings
      var object = try make(old, &context.warnings)
      let isConditional = try checkRevision(object, stored, context, mode)
      object["metadata", default: .emptyObject]["resourceVersion"] = old["metadata"]?["resourceVersion"]
      context.warnings += RepeatedOwners.drop(&object)
      if mode.tracks { track(&object, old: old, kind, subresource, options) }
      if mode.isJudged {
        context.view = mode.view
        do throws(Status) { try await judgeUpdate(&object, old: old, &context) } catch {
          throw error.adding(warnings: context.warnings)
        }
      }
      if options.isDryRun { return try dryRun(object, context, old: stored) }
      do throws(StoreError) {
        return try await store(object, replacing: stored, context)
      } catch .conflict where !isConditional && tries < Self.tries(context.extenders) {
        continue
      } catch .missing where !isConditional && tries < Self.tries(context.extenders) {
        continue
      } catch .refused(let status) where status == .allocationRace && tries < Self.tries(context.extenders) {
        continue
      } catch {
        throw Status(error, kind.resource, name)
      }
    }
  }

  /// How often a write is tried that others are quicker than. Who is outside has to be asked anew each time, and is not asked
  /// hundreds of times.
  static func tries(_ extenders: Extenders?) -> Int { extenders == nil ? conflictTries : 5 }

  /// Whether the client insists on a version.
  /// - Throws: 409 when the stored one is another, 422 for kinds that cannot be overwritten blindly.
  private func checkRevision(_ object: JSON, _ stored: Object, _ context: WriteContext, _ mode: ChangeMode)
    throws(Status) -> Bool
  {
    let wanted = object["metadata"]?.text("resourceVersion") ?? ""
    guard let revision = try Self.revision(wanted) else {
      // A patch starts from the stored object, so only a whole body can lack the version.
      guard context.strategy.updatesUnconditionally || !mode.isWhole else {
        throw .invalid(
          kind: context.resource.resource, group: context.resource.group, name: context.name,
          [.invalid(Path("metadata").child("resourceVersion"), 0, "must be specified for an update")])
      }
      return false
    }
    guard revision == stored.revision else { throw .stale(context.resource, context.name) }
    return true
  }

  /// Stores the object, or removes it when this change took away the last thing that kept it.
  private func store(
    _ object: JSON, replacing old: Object, _ context: WriteContext
  ) async throws(StoreError) -> Written {
    let converted: JSON
    let converts = context.kind.convertsByWebhook
    do throws(Status) {
      converted = converts ? try await kept(object, from: context.kind) : try stored(object, from: context.kind)
    } catch {
      throw .refused(error)
    }
    let isOver =
      object.isTerminating && object.finalizers.isEmpty
      && (object["metadata"]?["deletionGracePeriodSeconds"]?.int ?? 0) == 0
      && context.strategy.rule?.mayGo(object) ?? true
    if isOver {
      var context = context
      context.releases = Self.releases(of: old.json, context.kind)
      _ = try await commit(.delete(expected: old.revision), context)
      let last = Object(key: old.key, revision: old.revision, blob: object.blob)
      return Written(object: last, isNew: false, warnings: context.warnings)
    }
    let stored = try await commit(.update(converted, expected: old.revision), context)
    do throws(Status) {
      let result = converts ? try await shown(stored, as: context.kind) : try presented(stored, as: context.kind)
      return Written(object: result, isNew: false, warnings: context.warnings)
    } catch {
      throw .refused(error)
    }
  }
}

extension JSON {
  /// A PUT that creates takes no notice of the version that it carries.
  var withoutRevision: JSON {
    var result = self
    result["metadata", default: .emptyObject]["resourceVersion"] = nil
    return result
  }
}
