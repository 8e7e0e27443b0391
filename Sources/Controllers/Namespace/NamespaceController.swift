import JSONCore
import Objects
import Reconciling
import Values

/// Empties a namespace that is being deleted, pods first, and then lets it go.
public struct NamespaceController: Controller {
  public let name = "namespace-controller"

  /// The most objects deleted in one run.
  private static let burst = 500

  public init() {}

  public var watches: [Watch] {
    [
      .each(.namespaces),
      Watch(nil) { change, snapshot in
        if change.object.namespace.isEmpty || change.kind == .added { return [] }
        let key = Key(.namespaces, name: change.object.namespace)
        guard let namespace = snapshot[key], Self.isBeingDeleted(namespace) else { return [] }
        return [key]
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key], Self.isBeingDeleted(object) else { return .nothing }
    let json = object.json
    guard json["spec"]?.list("finalizers").contains("kubernetes") == true else { return .nothing }
    let left = Self.contents(of: object.name, in: snapshot)
    if left.isEmpty {
      var final = json
      final["spec"]?["finalizers"] = .array(json["spec"]?.list("finalizers").filter { $0 != "kubernetes" } ?? [])
      return Plan([Action(.finalize(key, final))])
    }
    let pods = left.filter { $0.key.resource == .pods }
    let deletions = (pods.isEmpty ? left : pods).lazy.filter { !Self.isBeingDeleted($0) }.prefix(Self.burst)
      .map { Action.delete($0.key, Deletion(uid: $0.uid, propagation: .background)) }
    var plan = Plan()
    if let status = Self.status(object, json, left, now), left.allSatisfy(Self.isBeingDeleted) { plan.then(status) }
    plan.then(Array(deletions))
    return plan
  }

  static func isBeingDeleted(_ object: Object) -> Bool {
    RawJSON(object.blob.bytes).member("metadata")?.member("deletionTimestamp") != nil
  }

  private static func contents(of namespace: String, in snapshot: Snapshot) -> [Object] {
    snapshot.resources.flatMap { Array(snapshot.objects($0, namespace: namespace)) }
      .filter { $0.namespace == namespace && $0.key.resource != .events } + events(of: namespace, in: snapshot)
  }

  /// Events go with the rest but do not hold the namespace up in the conditions.
  private static func events(of namespace: String, in snapshot: Snapshot) -> [Object] {
    Array(snapshot.objects(.events, namespace: namespace))
  }

  /// The conditions that say what holds the namespace up.
  private static func status(_ object: Object, _ json: JSON, _ left: [Object], _ now: Instant) -> Action? {
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    conditions.set(
      "NamespaceDeletionDiscoveryFailure", "False", reason: "ResourcesDiscovered",
      message: "All resources successfully discovered", at: now)
    conditions.set(
      "NamespaceDeletionGroupVersionParsingFailure", "False", reason: "ParsedGroupVersions",
      message: "All legacy kube types successfully parsed", at: now)
    conditions.set(
      "NamespaceDeletionContentFailure", "False", reason: "ContentDeleted",
      message: "All content successfully deleted, may be waiting on finalization", at: now)
    let counts = tally(left.map(\.key.resource.description)).map { "\($0) has \($1) resource instances" }
    conditions.set(
      "NamespaceContentRemaining", "True", reason: "SomeResourcesRemain",
      message: "Some resources are remaining: \(counts.joined(separator: ", "))", at: now)
    let finalizers = tally(left.flatMap { $0.json.finalizers }).map { "\($0) in \($1) resource instances" }
    if finalizers.isEmpty {
      conditions.set(
        "NamespaceFinalizersRemaining", "False", reason: "ContentHasNoFinalizers",
        message: "All content-preserving finalizers finished", at: now)
    } else {
      conditions.set(
        "NamespaceFinalizersRemaining", "True", reason: "SomeFinalizersRemain",
        message: "Some content in the namespace has finalizers remaining: \(finalizers.joined(separator: ", "))",
        at: now)
    }
    conditions.write(to: &status)
    return Action.status(object, from: json["status"], to: status)
  }

  private static func tally(_ names: [String]) -> [(String, Int)] {
    names.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }.sorted { $0.key < $1.key }.map {
      ($0.key, $0.value)
    }
  }
}
