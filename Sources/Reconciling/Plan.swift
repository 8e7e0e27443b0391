import JSONCore
import Objects
import Values

/// What one reconciliation wants done: steps in order, the actions of a step at the same time.
public struct Plan: Sendable, Equatable {
  public struct Step: Sendable, Equatable {
    public var actions: [Action]
    /// Perform 1, then 2, 4, 8, … actions and stop at the first batch with a failure, so that a hopeless step costs
    /// few attempts.
    public var startsSlowly: Bool

    public init(_ actions: [Action], startsSlowly: Bool = false) {
      self.actions = actions
      self.startsSlowly = startsSlowly
    }
  }

  public private(set) var steps: [Step] = []
  /// Look at the key again after this time even if nothing changes.
  public private(set) var requeueAfter: Duration?

  public init(_ actions: [Action] = [], requeueAfter: Duration? = nil) {
    then(actions)
    self.requeueAfter = requeueAfter
  }

  public static let nothing = Plan()

  public var isEmpty: Bool { steps.isEmpty }
  public var actions: [Action] { steps.flatMap(\.actions) }

  /// Adds a step that begins when the steps before it have succeeded.
  public mutating func then(_ actions: [Action], startsSlowly: Bool = false) {
    if !actions.isEmpty { steps.append(Step(actions, startsSlowly: startsSlowly)) }
  }

  public mutating func then(_ action: Action?) {
    if let action { steps.append(Step([action])) }
  }

  /// Asks to be called again; of several delays the shortest counts.
  public mutating func requeue(after delay: Duration) {
    requeueAfter = min(requeueAfter ?? delay, max(delay, .milliseconds(1)))
  }

  public mutating func append(_ other: Plan) {
    steps += other.steps
    if let delay = other.requeueAfter { requeue(after: delay) }
  }
}

extension Plan {
  /// The plan as data, for tests and for showing what a controller would do:
  /// `{"steps": [[{"create": "pods", "object": {…}, "event": {…}}]], "requeueAfter": 5}`
  public var json: JSON {
    var result: JSON = ["steps": .array(steps.map { .array($0.actions.map(\.json)) })]
    if let requeueAfter { result["requeueAfter"] = .double(requeueAfter.inSeconds) }
    return result
  }
}

extension Action {
  public var json: JSON {
    var result: JSON
    switch verb {
    case .create(let resource, let object): result = ["create": .string(resource.description), "object": object]
    case .update(let key, let object): result = ["update": .string(key.description), "object": object]
    case .status(let change):
      result = ["patch": .string(change.key.description), "with": change.patch, "subresource": "status"]
    case .patch(let key, let subresource, let patch):
      result = ["patch": .string(key.description), "with": patch]
      if !subresource.isEmpty { result["subresource"] = .string(subresource) }
    case .delete(let key, let deletion): result = ["delete": .string(key.description), "options": deletion.json]
    case .bind(let key, _, let node): result = ["bind": .string(key.description), "node": .string(node)]
    case .finalize(let key, let object): result = ["finalize": .string(key.description), "object": object]
    case .issueToken(let key): result = ["issueToken": .string(key.description)]
    case .record: result = .emptyObject
    }
    if let event {
      result["event"] = [
        "regarding": event.regarding, "type": .string(event.severity.rawValue), "reason": .string(event.reason),
        "message": .string(event.message),
      ]
    }
    return result
  }
}

extension Deletion {
  var json: JSON {
    var result = JSON.emptyObject
    if let uid { result["uid"] = .string(uid) }
    if let revision { result["resourceVersion"] = .string(String(revision)) }
    if let gracePeriodSeconds { result["gracePeriodSeconds"] = JSON(gracePeriodSeconds) }
    if let propagation { result["propagationPolicy"] = .string(propagation.rawValue) }
    return result
  }
}
