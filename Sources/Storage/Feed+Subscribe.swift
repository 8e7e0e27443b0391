import Objects
import Synchronization

extension Feed {
  /// Watches from a revision on: first what has happened since, then what happens; nothing twice, nothing left out.
  /// - Throws: `.compacted` when the history does not go back so far, `.future` when the revision is still to come.
  public func subscribe(_ filter: WatchFilter, after revision: Int64) throws(StoreError) -> Subscription {
    let (subscription, published) = enter(filter)
    do throws(StoreError) {
      if revision > published.revision { throw .future(current: published.revision) }
      // What is newer than `published` comes live.
      let changes = try past.changes(after: revision, through: published.revision, resource: filter.resource)
      let events = replay(changes, filter)
      subscription.begin(with: events.isEmpty ? .nothing : .events(events[...]), after: revision)
    } catch {
      subscription.cancel()
      throw error
    }
    return subscription
  }

  /// Watches from the present state on: every object as added, then what happens.
  /// - Parameter announcesEnd: whether an `initialEventsEnd` event with the state's revision follows the objects.
  public func subscribe(_ filter: WatchFilter, announcesEnd: Bool) -> Subscription {
    let (subscription, published) = enter(filter)
    var objects = published.objects(filter.resource, namespace: filter.namespace)
    if let name = filter.name { objects = objects.named(name, in: filter.namespace) }
    let end = announcesEnd ? WatchEvent(.initialEventsEnd, revision: published.revision) : nil
    subscription.begin(with: .objects(objects.makeIterator(), end: end), after: published.revision)
    return subscription
  }

  /// From the moment of `published` on, events go to the subscription.
  private func enter(_ filter: WatchFilter) -> (Subscription, published: Snapshot) {
    let (subscription, published, isClosed) = state.withLock { state in
      let subscription = Subscription(feed: self, filter: filter)
      state.add(subscription)
      return (subscription, state.snapshot, state.isClosed)
    }
    if isClosed { subscription.cancel() }
    return (subscription, published)
  }

  func remove(_ subscription: Subscription) { state.withLock { $0.remove(subscription) } }

  private func replay(_ changes: [Change], _ filter: WatchFilter) -> [WatchEvent] {
    changes.compactMap { change in
      if let namespace = filter.namespace, change.key.namespace != namespace { return nil }
      if let name = filter.name, change.key.name != name { return nil }
      var watched = WatchedChange(change, fieldValue: fieldValue)
      return watched.event(for: filter)
    }
  }
}
