import JSONCore
import Objects
import Reconciling

/// The devices that a pod claims: where those it has can be used, and where those it lacks could be found.
struct DeviceNeeds: Sendable {
  /// A claim that has no devices yet.
  private struct Open: Sendable {
    let key: Key
    let uid: String
    /// For each wish, the ways to meet it.
    let wishes: [[DeviceRequest]]
    let constraints: [DeviceConstraint]
    let config: [JSON]
  }

  /// At most so many pods share a claim.
  private static let shareLimit = 256

  /// What keeps the pod from any node.
  private(set) var blocker: Refusal?
  private var open: [Open] = []
  /// Where the devices of claims that have them can be used.
  private var allocated: [(claim: String, terms: [NodeTerm])] = []
  private var devices: [Device] = []
  private var ledger = DeviceLedger()

  init(_ pod: PodNeeds, _ snapshot: Snapshot, _ held: [Key: DeviceAllocation]) {
    for name in pod.devices {
      do throws(DeviceProblem) {
        try add(name, pod, snapshot, held)
      } catch {
        blocker = Refusal(.dynamicResources, error.description, .text(error.description))
        return
      }
    }
    if open.isEmpty { return }
    let slices = Device.latestSlices(snapshot)
    devices = Device.all(slices)
    ledger = DeviceLedger(slices)
    let known = Dictionary(devices.map { ($0.id, $0) }) { first, _ in first }
    for object in snapshot.objects(.resourceClaims) where held[object.key] == nil {
      for result in object.json.at("status", "allocation", "devices")?.list("results") ?? [] {
        ledger.take(result, known)
      }
    }
    for allocation in held.values {
      for result in allocation.results where !result.request.hasAdminAccess {
        ledger.take(result.device, result.consumed)
      }
    }
  }

  private mutating func add(
    _ name: DeviceClaimName, _ pod: PodNeeds, _ snapshot: Snapshot, _ held: [Key: DeviceAllocation]
  ) throws(DeviceProblem) {
    guard let claim = name.claim else {
      throw DeviceProblem("waiting for the ResourceClaim of \"\(name.name)\" to be created from its template")
    }
    let key = Key(.resourceClaims, namespace: pod.key.namespace, name: claim)
    guard let json = snapshot[key]?.json else { throw DeviceProblem("resourceclaim \"\(claim)\" not found") }
    if json.isBeingDeleted { throw DeviceProblem("resourceclaim \"\(claim)\" is being deleted") }
    if held[key] != nil { throw DeviceProblem("resourceclaim \"\(claim)\" is being allocated") }
    let users = json["status"]?.list("reservedFor") ?? []
    if !users.contains(where: { $0.text("uid") == pod.uid }), users.count >= Self.shareLimit {
      throw DeviceProblem("resourceclaim in use")
    }
    if let allocation = json.at("status", "allocation") {
      if let selector = allocation["nodeSelector"] {
        allocated.append((claim, selector.list("nodeSelectorTerms").map(NodeTerm.init)))
      }
      return
    }
    let spec = json.at("spec", "devices") ?? .emptyObject
    var wishes: [[DeviceRequest]] = []
    for request in spec.list("requests") { wishes.append(try DeviceRequest.alternatives(request, snapshot)) }
    open.append(
      Open(
        key: key, uid: json["metadata"]?.text("uid") ?? "", wishes: wishes,
        constraints: spec.list("constraints").map(DeviceConstraint.init),
        config: spec.list("config")))
  }

  func refusal(_ slot: Int, _ view: ClusterView) -> Refusal? {
    let (labels, name) = (view.nodes.labels[slot], view.nodes.names[slot])
    for (claim, terms) in allocated where !terms.contains(where: { $0.matches(labels, name: name) }) {
      return Refusal(
        .dynamicResources, "resourceclaim not available on the node",
        .text("the devices of claim \(claim) are on other nodes"))
    }
    if open.isEmpty || allocate(slot, view.nodes) != nil { return nil }
    return Refusal(
      .dynamicResources, "cannot allocate all claims", .text("has no free devices for all claims of the pod"))
  }

  /// The devices that each open claim would get on a node; nil when there are not enough.
  func allocate(_ slot: Int, _ nodes: NodeTable) -> [Key: DeviceAllocation]? {
    let (labels, name) = (nodes.labels[slot], nodes.names[slot])
    var search = DeviceSearch(
      devices: devices.filter { $0.reach.includes(labels, name) }, ledger: ledger)
    var result: [Key: DeviceAllocation] = [:]
    for claim in open {
      guard let chosen = search.allocate(claim.wishes, claim.constraints) else { return nil }
      result[claim.key] = DeviceAllocation(results: chosen, config: claim.config, claim: claim.uid, node: name)
    }
    return result
  }
}
