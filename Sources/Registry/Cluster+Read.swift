import JSONCore
import Objects
import Schemas
import Storage

extension Cluster {
  /// - Throws: 404.
  public func get(_ kind: Kind, namespace: String, name: String) throws(Status) -> Object {
    let snapshot =
      kind.resource == ComponentStatuses.resource ? ComponentStatuses.snapshot(revision: 0) : snapshot
    guard let object = snapshot[key(kind, namespace, name)] else { throw .notFound(kind.resource, name) }
    return try presented(object, as: kind)
  }

  /// A GET that names a resourceVersion: any state that is not older than it.
  /// - Throws: 500 for a malformed version, 504 when it is in the future for longer than three seconds.
  public func get(
    _ kind: Kind, namespace: String, name: String, resourceVersion: String
  ) async throws(Status) -> Object {
    if let revision = try Self.revision(resourceVersion), revision > snapshot.revision {
      try await awaitRevision(revision)
    }
    return try get(kind, namespace: namespace, name: name)
  }

  /// As `get`, and by the webhook of the definition where that takes one.
  public func getLater(_ kind: Kind, namespace: String, name: String) async throws(Status) -> Object {
    guard let object = snapshot[key(kind, namespace, name)] else { throw .notFound(kind.resource, name) }
    return try await shown(object, as: kind)
  }

  /// The list, if it can be had without waiting; nil when its revision lies in the future, or a webhook is to convert it.
  public func listNow(_ kind: Kind, namespace: String?, _ options: ListOptions) throws(Status) -> ObjectList? {
    kind.convertsByWebhook ? nil : try pageNow(kind, namespace, options)
  }

  private func pageNow(_ kind: Kind, _ namespace: String?, _ options: ListOptions) throws(Status) -> ObjectList? {
    let request = try ListRequest(options)
    let newest = snapshot
    switch request.moment {
    case .newest: return try page(newest, kind, namespace, request, options)
    case .notOlder(let revision):
      return revision > newest.revision ? nil : try page(newest, kind, namespace, request, options)
    case .exact(let revision):
      if revision > newest.revision { return nil }
      return try page(past(revision, request), kind, namespace, request, options)
    }
  }

  /// - Throws: 400 for selectors and tokens that cannot be read, 410 where history is gone, 422 for options that contradict
  ///   each other, 504 for a revision in the future.
  public func list(_ kind: Kind, namespace: String?, _ options: ListOptions) async throws(Status) -> ObjectList {
    if let list = try pageNow(kind, namespace, options) { return try await converted(list, as: kind) }
    if let revision = try ListRequest(options).revision { try await awaitRevision(revision) }
    guard let list = try pageNow(kind, namespace, options) else {
      throw .tooLargeRevision(snapshot.revision, snapshot.revision)
    }
    return try await converted(list, as: kind)
  }

  private func converted(_ list: ObjectList, as kind: Kind) async throws(Status) -> ObjectList {
    if !kind.convertsByWebhook { return list }
    var list = list
    list.objects = try await shown(list.objects, as: kind)
    return list
  }

  /// Changes from a revision on, or the present state and then changes.
  /// Events carry objects in their stored version; see `presented(_:as:)`.
  /// - Throws: 400 for bad selectors, 410 where history is gone, 422 for options that contradict each other.
  public func watch(_ kind: Kind, namespace: String?, _ options: WatchOptions) throws(Status) -> Subscription {
    let start = try options.start()
    try FieldSelection.check(kind, options.fields ?? .everything)
    let filter = WatchFilter(
      kind.storedResource,
      namespace: kind.isNamespaced ? namespace ?? options.fields?.requiredValue("metadata.namespace") : nil,
      name: options.fields?.requiredValue("metadata.name"), labels: options.labels, fields: options.fields)
    let revision: Int64
    switch start {
    case .initial:
      return store.feed.subscribe(filter, announcesEnd: options.sendsInitialEvents == true && options.allowsBookmarks)
    case .now: revision = snapshot.revision
    case .after(let wanted): revision = wanted
    }
    do throws(StoreError) {
      return try store.feed.subscribe(filter, after: revision)
    } catch .future(let current) {
      // The client has seen more than there is; whatever comes next is news to it.
      return try subscribe(filter, after: current, kind)
    } catch .compacted(let oldest) {
      throw .expired("too old resource version: \(revision) (\(oldest))")
    } catch {
      throw Status(error, kind.resource, "")
    }
  }

  private func subscribe(_ filter: WatchFilter, after revision: Int64, _ kind: Kind) throws(Status) -> Subscription {
    do throws(StoreError) {
      return try store.feed.subscribe(filter, after: revision)
    } catch {
      throw Status(error, kind.resource, "")
    }
  }

  /// The value of a field that selectors may name: what the store needs to know for watches.
  public static let fieldValue: WatchFilter.FieldValue = { object, field in FieldSelection.value(field, of: object) }

  /// Where the objects of a kind are stored; the namespace does not matter where there is none.
  public func key(_ kind: Kind, _ namespace: String, _ name: String) -> Key {
    Key(kind.storedResource, namespace: kind.isNamespaced ? namespace : "", name: name)
  }

  private func past(_ revision: Int64, _ request: ListRequest) throws(Status) -> Snapshot {
    do throws(StoreError) {
      return try store.snapshot(at: revision)
    } catch {
      guard case .compacted = error else { throw Status(error, GroupResource("", ""), "") }
      guard let start = request.start else {
        throw .expired("The resourceVersion for the provided list is too old.")
      }
      var status = Status.expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
          + "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
          + "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
          + "deleted between the time the first chunk was returned and now may show up in the list.")
      status.continueToken = ContinueToken(revision: -1, start: start).text
      throw status
    }
  }

  func awaitRevision(_ revision: Int64) async throws(Status) {
    guard await store.waitFor(revision: revision, timeout: .seconds(3)) else {
      throw .tooLargeRevision(revision, snapshot.revision)
    }
  }

  /// A resourceVersion as a client sends it: nil for "" and "0", which name no state.
  static func revision(_ text: String) throws(Status) -> Int64? {
    if text.isEmpty || text == "0" { return nil }
    guard let value = Int64(text), value >= 0 else {
      throw Status(code: 500, reason: "", message: "strconv.ParseUint: parsing \(Status.quoted(text)): invalid syntax")
    }
    return value
  }
}

extension Status {
  static func tooLargeRevision(_ wanted: Int64, _ current: Int64) -> Status {
    Status(
      code: 504, reason: "Timeout", message: "Too large resource version: \(wanted), current: \(current)",
      details: Details(
        causes: [Cause(reason: "ResourceVersionTooLarge", message: "Too large resource version")], retryAfterSeconds: 1)
    )
  }
}
