import JSONCore
import Objects
import Registry

/// One write that a reconciler asks for, as plain data: tests compare it, the loop performs it.
public struct Action: Sendable, Equatable {
  public enum Verb: Sendable, Equatable {
    /// `metadata.namespace` of the object says where.
    case create(GroupResource, JSON)
    case update(Key, JSON)
    case status(StatusChange)
    /// A JSON merge patch; `subresource` is "" for the object itself.
    case patch(Key, subresource: String, JSON)
    case delete(Key, Deletion)
    case bind(Key, uid: String, node: String)
    /// Takes the finalizers out of a namespace's spec.
    case finalize(Key, JSON)
    /// Puts a token of its service account into a secret.
    case issueToken(Key)
    /// Writes nothing but the event.
    case record
  }

  public var verb: Verb
  /// Recorded when the verb has succeeded; `{name}` in its message becomes the name of the written object.
  public var event: EventNote?

  public init(_ verb: Verb, event: EventNote? = nil) {
    self.verb = verb
    self.event = event
  }

  public static func create(_ resource: GroupResource, _ object: JSON, event: EventNote? = nil) -> Action {
    Action(.create(resource, object), event: event)
  }

  public static func patch(
    _ key: Key, subresource: String = "", _ patch: JSON, event: EventNote? = nil
  ) -> Action {
    Action(.patch(key, subresource: subresource, patch), event: event)
  }

  public static func delete(_ key: Key, _ deletion: Deletion, event: EventNote? = nil) -> Action {
    Action(.delete(key, deletion), event: event)
  }

  public static func record(_ event: EventNote) -> Action { Action(.record, event: event) }

  /// Changes the status of an object; nil when it is already so. The UID guards against a namesake.
  /// - Parameter isExact: fail when anyone has written since `object`, for statuses with several writers.
  public static func status(
    _ object: Object, from old: JSON?, to new: JSON, isExact: Bool = false, event: EventNote? = nil
  ) -> Action? {
    let old = old ?? .emptyObject
    return old == new
      ? nil : Action(.status(StatusChange(of: object, from: old, to: new, isExact: isExact)), event: event)
  }
}

/// How to delete, and what must hold for it.
public struct Deletion: Sendable, Equatable {
  public enum Propagation: String, Sendable {
    case background = "Background"
    case foreground = "Foreground"
    case orphan = "Orphan"
  }

  /// Delete this very object, not a later one of the same name.
  public var uid: String?
  /// Delete this very state.
  public var revision: Int64?
  /// nil: the object's own grace period.
  public var gracePeriodSeconds: Int?
  public var propagation: Propagation?

  public init(
    uid: String? = nil, revision: Int64? = nil, gracePeriodSeconds: Int? = nil, propagation: Propagation? = nil
  ) {
    self.uid = uid
    self.revision = revision
    self.gracePeriodSeconds = gracePeriodSeconds
    self.propagation = propagation
  }
}

/// An event about an object, before it is counted and named by the recorder.
public struct EventNote: Sendable, Equatable {
  public enum Severity: String, Sendable {
    case normal = "Normal"
    case warning = "Warning"
  }

  /// The `ObjectReference` of the object that the event is about.
  public var regarding: JSON
  public var severity: Severity
  public var reason: String
  public var message: String
  /// What was attempted (`Binding`); "" for events of the older form, which carry a count instead.
  public var action: String
  /// The `ObjectReference` of another object that has to do with it.
  public var related: JSON?

  public init(
    _ regarding: JSON, _ reason: String, _ message: String, action: String = "", related: JSON? = nil
  ) {
    self.init(regarding, .normal, reason, message, action: action)
    self.related = related
  }

  public init(
    _ regarding: JSON, _ severity: Severity, _ reason: String, _ message: String, action: String = ""
  ) {
    self.regarding = regarding
    self.severity = severity
    self.reason = reason
    self.message = message
    self.action = action
  }
}
