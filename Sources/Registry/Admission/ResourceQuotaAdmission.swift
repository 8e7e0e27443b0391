import JSONCore
import Objects
import Storage

/// Keeps a namespace within its quotas. What is in use is counted in the very state that the write goes into, so that
/// writes that race cannot exceed a quota together.
enum ResourceQuotaAdmission {
  static func validate(_ object: JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.kind.isNamespaced, context.subresource == nil,
      context.resource != .quotas || context.operation == .create
    else { return }
    guard context.snapshot.count(.quotas, namespace: context.namespace) > 0 else { return }
    let wanted = QuotaUsage.charge(object, context.resource)
    let before = old.map { QuotaUsage.charge($0, context.resource) } ?? [:]
    let delta = wanted.compactMapValues { amount in amount }.reduce(into: [String: Quantity]()) { result, entry in
      let more = entry.value - (before[entry.key] ?? .zero)
      if more > .zero { result[entry.key] = more }
    }
    if delta.isEmpty { return }
    let namespace = context.namespace
    let resource = context.resource
    let name = context.name
    let pod = object
    let isNew = context.operation == .create
    let ledger = context.quotas
    let check: Write.Check = { snapshot throws(Status) in
      for quota in snapshot.objects(.quotas, namespace: namespace) {
        let json = quota.json
        guard QuotaScopes.cover(json, pod, resource) else { continue }
        if isNew, let status = unstated(json, pod, resource, name, delta) { throw status }
        try checkQuota(json, delta, resource, name) { ledger.used($0, json, snapshot, namespace) }
      }
    }
    try check(context.snapshot)
    context.guards.append(WriteGuard(of: [resource, .quotas], check))
  }

  /// A quota on compute resources wants every container to say what it takes.
  private static func unstated(
    _ quota: JSON, _ pod: JSON, _ resource: GroupResource, _ name: String, _ delta: [String: Quantity]
  ) -> Status? {
    guard resource == .pods else { return nil }
    let limited = Set((quota.at("spec", "hard")?.object ?? Members()).allKeys)
    let compute = limited.intersection(QuotaUsage.computeNames)
    let containers = (pod["spec"]?.list("containers") ?? []) + (pod["spec"]?.list("initContainers") ?? [])
    var missing: [(resource: String, container: String)] = []
    for container in containers {
      for limit in compute where !QuotaUsage.states(container, limit) {
        missing.append((limit, container.text("name")))
      }
    }
    if missing.isEmpty { return nil }
    let text = Set(missing.map(\.resource)).sorted().map { limit in
      let names = missing.filter { $0.resource == limit }.map(\.container).sorted().joined(separator: ",")
      return "\(limit) for: \(names)"
    }
    return .forbidden(resource, name, "failed quota: \(quota.name): must specify \(text.joined(separator: "; "))")
  }

  private static func checkQuota(
    _ quota: JSON, _ delta: [String: Quantity], _ resource: GroupResource, _ name: String,
    inUse: (Set<String>) -> [String: Quantity]
  ) throws(Status) {
    let hard = ResourceAmounts(quota.at("spec", "hard")).amounts
    let concerned = hard.keys.filter { delta[$0] != nil }.sorted()
    if concerned.isEmpty { return }
    let used = inUse(Set(concerned))
    let exceeded = concerned.filter { key in
      (used[key] ?? .zero) + (delta[key] ?? .zero) > hard[key] ?? .zero
    }
    if exceeded.isEmpty { return }
    func shown(_ amounts: [String: Quantity]) -> String {
      exceeded.map { "\($0)=\((amounts[$0] ?? .zero).description)" }.joined(separator: ",")
    }
    throw .forbidden(
      resource, name,
      "exceeded quota: \(quota.name), requested: \(shown(delta)), used: \(shown(used)), limited: \(shown(hard))")
  }
}
