import Objects
import Values

/// Brings what is towards what is wanted, one key at a time. All of it is pure: it sees a snapshot and the time, and
/// answers with a plan. Events wake a controller; they never carry the decision.
public protocol Controller: Sendable {
  /// `deployment-controller`: the name of its service account, and what `--controllers` calls it.
  var name: String { get }
  /// Who reports its events, where that is not the name.
  var eventSource: String { get }
  /// Which changes concern which keys.
  var watches: [Watch] { get }
  /// How long changes of one key are gathered after each run; zero runs again at once.
  var gathering: Duration { get }
  /// How long a key waits after each failure in a row.
  var retryDelays: Backoff { get }

  func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan

  /// What to do when a step of the plan failed, before the key is tried again: usually a condition and an event.
  func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan
}

extension Controller {
  public var eventSource: String { name }

  public var gathering: Duration { .zero }

  public var retryDelays: Backoff { .queue }

  public func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan { .nothing }
}

/// The first action of a plan that failed, and why.
public struct Failure: Error, Sendable, Equatable {
  public var action: Action
  public var status: Status

  public init(action: Action, status: Status) {
    self.action = action
    self.status = status
  }
}

/// A resource that a controller looks at, and the keys to reconcile when an object of it changes.
public struct Watch: Sendable {
  /// nil: every resource.
  public let resource: GroupResource?
  public let keys: @Sendable (Change, Snapshot) -> [Key]

  public init(_ resource: GroupResource?, keys: @escaping @Sendable (Change, Snapshot) -> [Key]) {
    self.resource = resource
    self.keys = keys
  }

  /// The object itself is the key.
  public static func each(_ resource: GroupResource) -> Watch {
    Watch(resource) { change, _ in [change.object.key] }
  }

  /// Objects of `resource` concern those of `owner` that own them or owned them before.
  public static func owned(_ resource: GroupResource, by owner: GroupResource) -> Watch {
    Watch(resource) { change, snapshot in
      owners(of: change, in: snapshot, owner)
    }
  }

  /// As `owned`, and an object without an owner concerns every one of `owner` in its namespace that could adopt it.
  public static func ownedOrAdoptable(
    _ resource: GroupResource, by owner: GroupResource,
    selector: @escaping @Sendable (Object) -> LabelSelector?
  ) -> Watch {
    Watch(resource) { change, snapshot in
      let known = owners(of: change, in: snapshot, owner)
      if !change.object.owners.isEmpty || change.kind == .deleted { return known }
      return known
        + snapshot.objects(owner, namespace: change.object.namespace)
        .filter { selector($0)?.matches(change.object.labels) ?? false }.map(\.key)
    }
  }

  /// Those of now and those of before.
  private static func owners(of change: Change, in snapshot: Snapshot, _ resource: GroupResource) -> [Key] {
    let known = owners(of: change.object, in: snapshot, resource)
    guard let previous = change.previous, previous.owners != change.object.owners else { return known }
    return known + owners(of: previous, in: snapshot, resource)
  }

  private static func owners(of object: Object, in snapshot: Snapshot, _ resource: GroupResource) -> [Key] {
    object.owners.compactMap { snapshot.object(uid: $0)?.key }.filter { $0.resource == resource }
  }
}
