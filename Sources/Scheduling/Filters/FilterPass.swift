import Objects

/// All filters for one pod at one moment: what can be found out once is found out once, and then each node is asked.
struct FilterPass {
  let pod: PodNeeds
  let nodeFilters: NodeFilters
  /// The only slots that come into question, where the pod names its nodes.
  let only: Set<Int>?
  private let spread: SpreadFilter
  private let company: CompanyFilter?
  private let volumes: VolumeNeeds?
  private let devices: DeviceNeeds?
  private let filters: PluginSet

  init(_ request: Request, _ view: inout ClusterView) {
    let profile = request.profile
    pod = request.pod
    filters = profile.filters
    nodeFilters = NodeFilters(pod, &view, profile)
    only =
      filters.contains(.nodeAffinity)
      ? pod.nodeChoice.names.map { names in Set(names.compactMap { view.nodes.slot(of: $0) }) } : nil
    let hard = filters.contains(.podTopologySpread) ? request.spread.filter(\.isRequired) : []
    spread = SpreadFilter(pod, &view, hard, admitted: nodeFilters.admitted)
    let company = filters.contains(.interPodAffinity) ? CompanyFilter(pod, &view) : nil
    self.company = company?.isEmpty == false ? company : nil
    volumes = request.volumes
    devices = request.devices
  }

  /// Whether what it answers about a node depends on other nodes.
  var looksFurther: Bool { !spread.isEmpty || company != nil }

  /// The reasons against a node, of the first filter that has any.
  func refusals(_ slot: Int, _ view: ClusterView) -> [Refusal] {
    let refusals = nodeFilters.refusals(slot, view.nodes)
    if !refusals.isEmpty { return refusals }
    if let refusal = volumes?.refusal(slot, view, filters) { return [refusal] }
    if let refusal = spread.isEmpty ? nil : spread.refusal(slot) { return [refusal] }
    if let refusal = company?.refusal(slot) { return [refusal] }
    if let refusal = devices?.refusal(slot, view) { return [refusal] }
    return []
  }
}

/// A pod to be placed, and what of the cluster matters for it beside nodes and pods.
struct Request {
  let pod: PodNeeds
  let profile: Profile
  /// Its own constraints, or the defaults that apply to it.
  let spread: [SpreadConstraint]
  let isSpreadDefault: Bool
  var volumes: VolumeNeeds?
  var devices: DeviceNeeds?
  /// What keeps the pod from every node alike.
  var blocker: Refusal?

  /// With nothing but the pod itself.
  init(_ pod: PodNeeds, _ profile: Profile = .stock, defaultSpread: [SpreadConstraint] = []) {
    self.pod = pod
    self.profile = profile
    spread = pod.spread.isEmpty ? defaultSpread : pod.spread
    isSpreadDefault = pod.spread.isEmpty && !defaultSpread.isEmpty
    if profile.filters.contains(.nodeAffinity), pod.nodeChoice.names?.isEmpty == true {
      blocker = Refusal(.nodeAffinity, "pod affinity terms conflict")
    }
  }

  init(_ pod: PodNeeds, _ profile: Profile, _ view: ClusterView, _ snapshot: Snapshot, _ held: Reservations) {
    self.init(pod, profile, defaultSpread: DefaultSpreading.constraints(pod, profile, view, snapshot))
    if !pod.claims.isEmpty || !pod.disks.isEmpty {
      let volumes = VolumeNeeds(pod, snapshot, held.volumes)
      if blocker == nil { blocker = volumes.blocker }
      self.volumes = volumes
    }
    if !pod.devices.isEmpty, profile.filters.contains(.dynamicResources) {
      let devices = DeviceNeeds(pod, snapshot, held.devices)
      if blocker == nil { blocker = devices.blocker }
      self.devices = devices
    }
  }
}
