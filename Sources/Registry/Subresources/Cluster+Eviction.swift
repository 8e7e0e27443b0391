import JSONCore
import Objects
import Schemas

extension Cluster {
  /// Deletes a pod if the disruption budgets allow it: `pods/eviction`.
  /// - Throws: 400 for another pod's name, 404, 429 when a budget says no, 500 when several budgets cover the pod.
  public func evict(
    namespace: String, name: String, _ eviction: JSON, _ options: WriteOptions
  ) async throws(Status) {
    let given = eviction.name
    if !given.isEmpty, given != name { throw .badRequest("name in URL does not match name in Eviction object") }
    try NodeRestriction.admitEviction(namespace, name, options.caller, snapshot)
    try await ask(
      .create, storedKind(.pods), namespace: namespace, name: name, subresource: "eviction", eviction, options)
    var deletion = try DeleteOptions(caller: options.caller, json: eviction["deleteOptions"] ?? .emptyObject)
    deletion.isDryRun = deletion.isDryRun || options.isDryRun
    let kind = storedKind(.pods)
    let pod = try get(kind, namespace: namespace, name: name)
    let json = pod.json
    if !Self.isExempt(json) {
      try await claimDisruption(namespace, name, json, pod.labels, isDryRun: deletion.isDryRun)
    }
    if !deletion.isDryRun && !Self.isExempt(json) { try await markEvicted(kind, namespace, name, options) }
    if deletion.uid == nil { deletion.uid = pod.uid }
    _ = try await delete(kind, namespace: namespace, name: name, deletion)
  }

  /// Pods that do not run, or are on their way out, disrupt nothing.
  private static func isExempt(_ pod: JSON) -> Bool {
    pod.isTerminating || PodRule.isTerminal(pod) || pod["status"]?.text("phase") == "Pending"
  }

  private func markEvicted(
    _ kind: Kind, _ namespace: String, _ name: String, _ options: WriteOptions
  ) async throws(Status) {
    let now = now.rfc3339
    _ = try await change(kind, namespace, name, "status", options, [], .own) {
      (old: JSON, _: inout [String]) throws(Status) -> JSON in
      var pod = old.withoutRevision
      PodConditions.set(
        &pod, "DisruptionTarget", "True", reason: "EvictionByEvictionAPI", message: "Eviction API: evicting", now: now)
      return pod
    }
  }

  /// Takes one of the disruptions that the pod's budget allows.
  private func claimDisruption(
    _ namespace: String, _ name: String, _ pod: JSON, _ labels: Labels, isDryRun: Bool
  ) async throws(Status) {
    var budgets: [Object] = []
    for budget in snapshot.objects(.budgets, namespace: namespace) {
      let selector: LabelSelector
      do {
        selector = try LabelSelector(json: budget.json.at("spec", "selector"))
      } catch {
        throw .internalError("poddisruptionbudget \(budget.name): \(error)")
      }
      if selector.matches(labels) { budgets.append(budget) }
    }
    guard let budget = budgets.first else { return }
    guard budgets.count == 1 else {
      throw .internalError(
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
    }
    if Self.mayIgnore(budget.json, pod) { return }
    var options = WriteOptions(caller: .system("eviction"), isDryRun: isDryRun)
    options.fieldManager = "eviction"
    let now = now.rfc3339
    _ = try await change(storedKind(.budgets), namespace, budget.name, "status", options, [], .own) {
      (old: JSON, _: inout [String]) throws(Status) -> JSON in
      try Self.claim(old.withoutRevision, for: name, now)
    }
  }

  /// Pods that are not ready may go when that harms nobody, by the budget's policy.
  private static func mayIgnore(_ budget: JSON, _ pod: JSON) -> Bool {
    let isReady = (pod["status"]?.list("conditions") ?? []).contains {
      $0.text("type") == "Ready" && $0.text("status") == "True"
    }
    if isReady { return false }
    if budget["spec"]?.text("unhealthyPodEvictionPolicy") == "AlwaysAllow" { return true }
    let desired = budget.at("status", "desiredHealthy")?.int ?? 0
    return desired > 0 && (budget.at("status", "currentHealthy")?.int ?? 0) >= desired
  }

  private static func claim(_ budget: JSON, for pod: String, _ now: String) throws(Status) -> JSON {
    let status = budget["status"] ?? .emptyObject
    func refused(_ why: String, retry: Int) -> Status {
      Status(
        code: 429, reason: "TooManyRequests",
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        details: Status.Details(
          causes: [Status.Cause(reason: "DisruptionBudget", message: "The disruption budget \(budget.name) \(why)")],
          retryAfterSeconds: retry))
    }
    if (status["observedGeneration"]?.int ?? 0) < (budget["metadata"]?["generation"]?.int ?? 0) {
      throw refused("is still being processed by the server.", retry: 10)
    }
    let allowed = status["disruptionsAllowed"]?.int ?? 0
    guard allowed > 0 else {
      throw refused(
        "needs \(status["desiredHealthy"]?.int ?? 0) healthy pods and has \(status["currentHealthy"]?.int ?? 0) currently",
        retry: 0)
    }
    var result = budget
    result["status", default: .emptyObject].edit { status in
      status["disruptionsAllowed"] = JSON(allowed - 1)
      status["disruptedPods", default: .emptyObject][pod] = .string(now)
    }
    return result
  }
}
