import Objects
import Reconciling
import Values

/// The CPU that workloads and Services have their ready pods share, looked up once for each of them.
struct SharedLoads {
  private static let annotation = Annotations.prefix + "load"
  /// Deployment, ReplicaSet, pod: no chain of owners is longer than this by much.
  private static let depth = 4

  private struct ServiceLoad {
    let selector: LabelSelector
    let share: Quantity
  }

  private let snapshot: Snapshot
  private var shares: [String: Quantity] = [:]
  private var services: [String: [ServiceLoad]] = [:]

  init(_ snapshot: Snapshot) { self.snapshot = snapshot }

  /// What of the loads falls to a pod; nothing while it is not ready.
  mutating func share(of pod: Object) -> Quantity {
    guard PodFacts(pod).isReady else { return .zero }
    var total = Quantity.zero
    for service in services(in: pod.namespace) where service.selector.matches(pod.labels) { total += service.share }
    // A Deployment's annotations come down to its ReplicaSets; the load of the topmost owner is the one that is meant.
    if let top = topOwner(of: pod) { total += share(ofOwner: top) }
    return total
  }

  private func topOwner(of object: Object) -> Object? {
    var top: Object?
    for _ in 0..<Self.depth {
      guard let owner = (top ?? object).owners.lazy.compactMap({ snapshot.object(uid: $0) }).first else { break }
      top = owner
    }
    return top
  }

  private mutating func share(ofOwner owner: Object) -> Quantity {
    if let known = shares[owner.uid] { return known }
    let share = Self.load(of: owner).map { Self.divided($0, readyPods(below: owner, depth: Self.depth)) } ?? .zero
    shares[owner.uid] = share
    return share
  }

  private func readyPods(below owner: Object, depth: Int) -> Int {
    if depth == 0 { return 0 }
    return snapshot.dependents(of: owner.uid).reduce(0) { count, object in
      if object.key.resource == .pods { return count + (PodFacts(object).isReady ? 1 : 0) }
      return count + readyPods(below: object, depth: depth - 1)
    }
  }

  private mutating func services(in namespace: String) -> [ServiceLoad] {
    if let known = services[namespace] { return known }
    let loads = snapshot.objects(.services, namespace: namespace).compactMap { service -> ServiceLoad? in
      guard let load = Self.load(of: service), let labels = service.json.at("spec", "selector"),
        let selector = try? LabelSelector(json: ["matchLabels": labels]), !selector.isEmpty
      else { return nil }
      let ready = snapshot.objects(.pods, namespace: namespace, matching: selector).count { PodFacts($0).isReady }
      return ServiceLoad(selector: selector, share: Self.divided(load, ready))
    }
    services[namespace] = loads
    return loads
  }

  private static func load(of object: Object) -> Quantity? {
    object.json.annotation(annotation).flatMap { UsageWishes.amount($0, of: .zero) }
  }

  private static func divided(_ load: Quantity, _ count: Int) -> Quantity {
    Quantity(nanos: load.nanos / Int128(max(1, count)), format: load.format)
  }
}
