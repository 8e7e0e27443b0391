import JSONCore
import Objects
import Reconciling

/// The spread of pods that have no constraints of their own: over the pods of their services and their owner.
enum DefaultSpreading {
  static func constraints(
    _ pod: PodNeeds, _ profile: Profile, _ view: ClusterView, _ snapshot: Snapshot
  ) -> [SpreadConstraint] {
    if !pod.spread.isEmpty || profile.defaultSpread.isEmpty { return [] }
    guard let selector = selector(pod, view, snapshot) else { return [] }
    return profile.defaultSpread.map {
      SpreadConstraint($0, namespace: pod.key.namespace, selector: selector, labels: pod.labels)
    }
  }

  /// What all selectors that hold the pod together require; nil when there are none.
  private static func selector(_ pod: PodNeeds, _ view: ClusterView, _ snapshot: Snapshot) -> LabelSelector? {
    var labels: [String: String] = [:]
    for selector in view.services[pod.key.namespace]?.values ?? [:].values
    where selector.allSatisfy({ pod.labels[$0.key] == $0.value }) {
      labels.merge(selector) { old, _ in old }
    }
    var requirements: [LabelRequirement] = []
    if !pod.controllerUID.isEmpty, let owner = snapshot.object(uid: pod.controllerUID) {
      let selector = owner.spec?.member("selector")?.decoded()
      switch owner.key.resource {
      case .replicationControllers:
        for (key, value) in selector?.object ?? Members() { labels[key] = value.string }
      case .replicaSets, .statefulSets:
        requirements = selector.flatMap { try? LabelSelector(json: $0) }?.requirements ?? []
      default: break
      }
    }
    requirements += LabelSelector(labels: labels).requirements.filter { !requirements.contains($0) }
    return requirements.isEmpty ? nil : LabelSelector(requirements: requirements)
  }
}
