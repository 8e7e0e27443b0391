import JSONCore
import Objects
import Schemas
import Storage
import Validation
import Values

extension Cluster {
  /// How often the server finds another name for an object that leaves it to the server.
  static let generatedNameTries = 8
  /// How often an unconditional change is made anew because another write came first.
  static let conflictTries = 200

  /// - Throws: 400 for a body that cannot be read, 403 from admission, 409 when the name is taken, 422 for invalid values.
  public func create(
    _ kind: Kind, namespace: String, _ body: JSON, _ options: WriteOptions
  ) async throws(Status) -> Written {
    var warnings: [String] = []
    var object = try decodedBody(kind, body, options, &warnings)
    try Self.placeInNamespace(&object, kind, namespace)
    return try await create(kind, namespace, decoded: object, options, warnings)
  }

  /// - Parameter object: decoded, defaulted and in its namespace.
  func create(
    _ kind: Kind, _ namespace: String, decoded object: JSON, _ options: WriteOptions, _ warnings: [String],
    tracks: Bool = true
  ) async throws(Status) -> Written {
    let metadata = object["metadata"] ?? .emptyObject
    var object = object
    let warnings = warnings + RepeatedOwners.drop(&object)
    if tracks { track(&object, old: nil, kind, nil, options) }
    let isGenerated = metadata.text("name").isEmpty && !metadata.text("generateName").isEmpty
    var tries = 0
    while true {
      tries += 1
      var context = context(.create, kind, namespace, metadata.text("name"), nil, options)
      context.warnings = warnings
      var attempt = object
      if isGenerated {
        context.name = names.name(from: metadata.text("generateName"))
        attempt["metadata", default: .emptyObject]["name"] = .string(context.name)
      }
      do throws(Status) { try await judgeCreate(&attempt, &context) } catch {
        throw error.adding(warnings: context.warnings)
      }
      if options.isDryRun { return try dryRun(attempt, context) }
      guard metadata.text("resourceVersion").isEmpty else {
        throw Status(code: 500, reason: "", message: "resourceVersion should not be set on objects to be created")
      }
      let wanted = kind.convertsByWebhook ? try await kept(attempt, from: kind) : try stored(attempt, from: kind)
      let made: Object
      do throws(StoreError) {
        made = try await commit(.create(wanted), context)
      } catch .exists where isGenerated && tries < Self.generatedNameTries {
        continue
      } catch .refused(let status) where status == .allocationRace && tries < Self.conflictTries {
        continue
      } catch {
        throw createError(error, context, isGenerated: isGenerated)
      }
      let result = kind.convertsByWebhook ? try await shown(made, as: kind) : try presented(made, as: kind)
      return Written(object: result, isNew: true, warnings: context.warnings)
    }
  }

  /// Everything that happens to a new object before it is stored.
  private func judgeCreate(_ object: inout JSON, _ context: inout WriteContext) async throws(Status) {
    try admit(&object, old: nil, &context)
    if context.extenders != nil {
      let metadata = object["metadata"]
      try await mutate(&object, old: nil, &context)
      // The object is stored under the name that it came with.
      for field in ["name", "namespace"] where object["metadata"]?[field] != metadata?[field] {
        throw .badRequest("admission may not change metadata.\(field)")
      }
    }
    try prepareCreate(&object, &context)
    if context.extenders != nil { try await askWebhooks(object, old: nil, &context) }
    try ResourceQuotaAdmission.validate(object, nil, &context)
  }

  private func createError(_ error: StoreError, _ context: WriteContext, isGenerated: Bool) -> Status {
    var status = Status(error, context.resource, context.name)
    if isGenerated, case .exists = error {
      status.message += "; the server was not able to generate a unique name for the object"
      status.details?.retryAfterSeconds = 1
    }
    return status
  }

  /// What happens to a new object between those who may change it and those who judge it from outside.
  private func prepareCreate(_ object: inout JSON, _ context: inout WriteContext) throws(Status) {
    beginMetadata(&object, context)
    if context.kind.hasStatus, !context.strategy.keepsStatusOnCreate { object["status"] = context.kind.emptyStatus }
    try context.strategy.rule?.prepareCreate(&object, &context)
    let judged = try self.judged(object, from: context.kind)
    let errors =
      Validation.create(context.resource, judged, isNamespaced: context.kind.isNamespaced)
      + CustomResourceRule.faults(object, old: nil, context)
    guard errors.isEmpty else { throw invalid(context.kind, context.name, errors) }
    context.warnings += Warnings.create(context.resource, judged)
    context.strategy.rule?.finish(&object)
    try validateAdmission(object, old: nil, &context)
  }

  private func beginMetadata(_ object: inout JSON, _ context: WriteContext) {
    object["metadata", default: .emptyObject].edit { metadata in
      metadata["uid"] = .string(names.uid())
      metadata["creationTimestamp"] = .string(context.now.rfc3339)
      for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"] {
        metadata[field] = nil
      }
      switch context.strategy.generation {
      case .none, .countedFromChange: metadata["generation"] = nil
      default: metadata["generation"] = 1
      }
    }
  }

  func context(
    _ operation: WriteContext.Operation, _ kind: Kind, _ namespace: String, _ name: String, _ subresource: String?,
    _ options: WriteOptions
  ) -> WriteContext {
    let snapshot = snapshot
    var context = WriteContext(
      operation: operation, kind: kind, strategy: .of(kind), namespace: namespace, name: name, subresource: subresource,
      caller: options.caller, fieldManager: options.fieldManager, isDryRun: options.isDryRun, notes: options.notes,
      extenders: extenders(kind, operation, snapshot), snapshot: snapshot, now: now,
      names: names, configuration: configuration, quotas: quotas, authorize: authorize, checkEscalation: checkEscalation
    )
    if let definition = CustomResourceRule.definitionGuard(kind, operation, name) { context.guards.append(definition) }
    return context
  }

  func dryRun(_ object: JSON, _ context: WriteContext, old: Object? = nil) throws(Status) -> Written {
    for guarding in context.guards { try guarding.check(snapshot) }
    let key = key(context.kind, context.namespace, context.name)
    if old == nil, snapshot[key] != nil { throw .alreadyExists(context.resource, context.name) }
    let result = Object(key: key, revision: old?.revision ?? 0, blob: object.blob)
    return Written(object: result, isNew: old == nil, warnings: context.warnings)
  }

  /// Writes the object, the companions before it, and after it what it lets go of, in one transaction: a crash in between
  /// cannot leave an address that nobody holds.
  func commit(_ operation: Write.Operation, _ context: WriteContext) async throws(StoreError) -> Object {
    var write = Write(key(context.kind, context.namespace, context.name), operation)
    let guards = context.guards
    if !guards.isEmpty {
      write.check = { snapshot throws(Status) in
        for guarding in guards { try guarding.check(snapshot) }
      }
      write.checked = guards.reduce(into: Set()) { all, guarding in
        all = guarding.resources.flatMap { all?.union($0) }
      }
    }
    if context.companions.isEmpty, context.releases.isEmpty { return try await store.commit(write) }
    let objects = try await store.commit(together: context.companions + [write], releasing: context.releases)
    return objects[context.companions.count]
  }

  func invalid(_ kind: Kind, _ name: String, _ errors: [FieldError]) -> Status {
    .invalid(kind: kind.name, group: kind.group, name: name, errors)
  }
}

extension Status {
  /// An address or port was taken between the choice and the commit; another one will do.
  static let allocationRace = Status(
    code: 500, reason: "ServerTimeout", message: "the allocated value was taken meanwhile")
}
