import JSONCore

extension ConditionalDefaults {
  /// A container's default limit is the maximum; its default request is the default limit, else the minimum.
  @Sendable static func setLimitRangeItem(_ item: inout JSON) {
    guard item.text("type") == "Container" else { return }
    fill(&item, "default", from: "max")
    fill(&item, "defaultRequest", from: "default")
    fill(&item, "defaultRequest", from: "min")
  }

  private static func fill(_ item: inout JSON, _ key: String, from source: String) {
    for (name, amount) in item[source]?.object ?? Members() {
      item[key, default: .emptyObject].setDefault(name, amount)
    }
  }

  @Sendable static func setNodeStatus(_ status: inout JSON) {
    if let capacity = status["capacity"] { status.setDefault("allocatable", capacity) }
  }

  @Sendable static func setNodeSpec(_ spec: inout JSON) {
    guard spec["podCIDR"] != nil || spec["podCIDRs"] != nil else { return }
    pair(&spec, "podCIDR", "podCIDRs", wrapped: { $0 }, unwrapped: { $0 })
  }

  @Sendable static func setPodStatus(_ status: inout JSON) {
    guard status["podIP"] != nil || status["podIPs"] != nil else { return }
    pair(&status, "podIP", "podIPs", wrapped: { ["ip": $0] }, unwrapped: { $0["ip"] })
  }

  /// What was one and became several: the one is the first of the several, and wins where they differ.
  private static func pair(
    _ object: inout JSON, _ one: String, _ many: String, wrapped: (JSON) -> JSON, unwrapped: (JSON) -> JSON?
  ) {
    let single = object[one] ?? ""
    let first = object.list(many).first.flatMap(unwrapped)
    if single == "" {
      if let first { object[one] = first }
    } else if first != single {
      object[many] = [wrapped(single)]
    }
  }

  /// Ingress always, egress where there are rules for it.
  @Sendable static func setNetworkPolicySpec(_ spec: inout JSON) {
    let types: JSON = spec["egress"] == nil ? ["Ingress"] : ["Ingress", "Egress"]
    spec.setDefault("policyTypes", types)
  }

  @Sendable static func setSubject(_ subject: inout JSON) {
    guard ["User", "Group"].contains(subject.text("kind")) else { return }
    subject.setDefault("apiGroup", "rbac.authorization.k8s.io")
  }

  @Sendable static func setDeviceRequest(_ request: inout JSON) {
    if request.text("allocationMode") == "ExactCount" { request.setDefault("count", 1) }
  }

  @Sendable static func setResourceNames(_ names: inout JSON) {
    let kind = names.text("kind")
    guard !kind.isEmpty else { return }
    names.setDefault("singular", .string(kind.lowercased()))
    names.setDefault("listKind", .string(kind + "List"))
  }
}
