import JSONCore
import Objects
import Reconciling
import Values

/// Empties a namespace that is being deleted, pods first, and then lets it go.
public struct NamespaceController: Controller {
  public let name = "namespace-controller"

  /// The most objects deleted in one run.
  private static let burst = 10_000
  /// How soon after a deletion, and how often then, it is looked at what still is there.
  private static let patience = (first: Duration.milliseconds(100), then: Duration.seconds(1))
  /// A namespace is seen to be ending for so long before anything in it goes, so that whoever watches it can leave in order.
  /// (Deletions are stamped in whole seconds: it comes to one or two. The stock controller waits five.)
  private static let grace = Duration.seconds(2)
  private static let finalizer: JSON = "kubernetes"

  public init() {}

  public var watches: [Watch] {
    [
      .each(.namespaces),
      // Nothing new can come, so only the last object of a kind changes what is to be done.
      Watch(nil) { change, snapshot in
        let namespace = change.object.namespace
        guard change.kind == .deleted, !namespace.isEmpty,
          snapshot.count(change.key.resource, namespace: namespace) == 0
        else { return [] }
        let key = Key(.namespaces, name: namespace)
        return snapshot[key].map(Self.isBeingDeleted) == true ? [key] : []
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key], Self.isBeingDeleted(object) else { return .nothing }
    let json = object.json
    let finalizers = json["spec"]?.list("finalizers") ?? []
    guard finalizers.contains(Self.finalizer) else { return .nothing }
    if let start = Instant(rfc3339: json["metadata"]?.text("deletionTimestamp") ?? ""), now < start + Self.grace {
      return Plan(requeueAfter: start + Self.grace - now)
    }
    let contents = NamespaceContents(of: object.name, in: snapshot)
    if contents.isEmpty {
      var final = json
      final["spec"]?["finalizers"] = .array(finalizers.filter { $0 != Self.finalizer })
      return Plan([Action(.finalize(key, final))])
    }
    let doomed = contents.next.lazy.filter { !Self.isBeingDeleted($0) }.prefix(Self.burst)
    var plan = Plan(doomed.map { .delete($0.key, Deletion(uid: $0.uid, propagation: .background)) })
    if plan.isEmpty {
      plan.then(Self.report(object, json, contents, failure: nil, now))
      plan.requeue(after: Self.patience.then)
    } else {
      plan.requeue(after: Self.patience.first)
    }
    return plan
  }

  public func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key], case .delete = failure.action.verb else { return .nothing }
    let contents = NamespaceContents(of: object.name, in: snapshot)
    var plan = Plan()
    plan.then(Self.report(object, object.json, contents, failure: failure.status.message, now))
    return plan
  }

  static func isBeingDeleted(_ object: Object) -> Bool {
    object.metadata?.member("deletionTimestamp") != nil
  }

  /// The conditions that say what holds the namespace up.
  private static func report(
    _ object: Object, _ json: JSON, _ contents: NamespaceContents, failure: String?, _ now: Instant
  ) -> Action? {
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    func set(_ type: String, _ isTrue: Bool, _ reason: String, _ message: String) {
      conditions.set(type, isTrue ? "True" : "False", reason: reason, message: message, at: now)
    }
    set("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered")
    set(
      "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
      "All legacy kube types successfully parsed")
    if let failure {
      set(
        "NamespaceDeletionContentFailure", true, "ContentDeletionFailed",
        "Failed to delete all resource types, 1 remaining: \(failure)")
    } else {
      set(
        "NamespaceDeletionContentFailure", false, "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization")
    }
    set(
      "NamespaceContentRemaining", true, "SomeResourcesRemain",
      "Some resources are remaining: \(contents.counts.joined(separator: ", "))")
    let finalizers = contents.finalizers
    if finalizers.isEmpty {
      set(
        "NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers",
        "All content-preserving finalizers finished")
    } else {
      set(
        "NamespaceFinalizersRemaining", true, "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: \(finalizers.joined(separator: ", "))")
    }
    conditions.write(to: &status)
    return Action.status(object, from: json["status"], to: status)
  }
}

/// What is in a namespace.
struct NamespaceContents {
  private let groups: [(resource: GroupResource, objects: ObjectSlice)]

  init(of namespace: String, in snapshot: Snapshot) {
    groups = snapshot.resources.map { ($0, snapshot.objects($0, namespace: namespace)) }
      .filter { !$0.objects.isEmpty }.sorted { $0.resource.description < $1.resource.description }
  }

  var isEmpty: Bool { groups.isEmpty }

  /// What goes next: pods before everything that they may need until their end.
  var next: [Object] {
    let pods = groups.filter { $0.resource == .pods }
    return (pods.isEmpty ? groups : pods).flatMap { Array($0.objects) }
  }

  /// How many there are of each resource, in words.
  var counts: [String] {
    groups.map { "\($0.resource.resource).\($0.resource.group) has \($0.objects.count) resource instances" }.sorted()
  }

  /// How many objects each finalizer holds, in words.
  var finalizers: [String] {
    var counts: [String: Int] = [:]
    for object in groups.lazy.flatMap({ $0.objects }) {
      object.metadata?.member("finalizers")?.forEachElement {
        counts[$0.string, default: 0] += 1
      }
    }
    return counts.map { "\($0.key) in \($0.value) resource instances" }.sorted()
  }
}
