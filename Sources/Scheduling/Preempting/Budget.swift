import JSONCore
import Objects
import Reconciling

/// A disruption budget, as far as preemption heeds it.
struct Budget: Sendable {
  private let namespace: String
  private let selector: LabelSelector
  private let disrupted: Set<String>
  let allowed: Int

  init(_ object: Object) {
    let json = object.json
    namespace = object.namespace
    selector = (try? LabelSelector(json: json.at("spec", "selector"))) ?? .nothing
    disrupted = Set(json.at("status", "disruptedPods")?.object?.allKeys ?? [])
    allowed = json.at("status", "disruptionsAllowed")?.int ?? 0
  }

  static func all(_ snapshot: Snapshot) -> [Budget] { snapshot.objects(.podDisruptionBudgets).map(Budget.init) }

  /// An empty selector means nobody here. Who is being disrupted already has been counted.
  func covers(_ pod: PodNeeds) -> Bool {
    pod.key.namespace == namespace && !selector.isEmpty && selector.matches(pod.labels)
      && !disrupted.contains(pod.key.name)
  }

  /// Whether each of `pods`, taken in this order, breaks a budget.
  static func violations(_ pods: [PodNeeds], _ budgets: [Budget]) -> [Bool] {
    var left = budgets.map(\.allowed)
    return pods.map { pod in
      var isViolating = false
      for (index, budget) in budgets.enumerated() where budget.covers(pod) {
        left[index] -= 1
        if left[index] < 0 { isViolating = true }
      }
      return isViolating
    }
  }
}
