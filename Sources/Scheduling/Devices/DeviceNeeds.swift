import JSONCore
import Objects
import Reconciling

/// The devices that a pod claims: where those it has can be used, and where those it lacks could be found.
struct DeviceNeeds: Sendable {
  /// A claim that has no devices yet.
  private struct Open: Sendable {
    let key: Key
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
  private var taken: Set<Device.Identity> = []

  init(_ pod: PodNeeds, _ snapshot: Snapshot, _ held: [Key: DeviceAllocation]) {
    for name in pod.devices {
      do throws(ExpressionError) {
        try add(name, pod, snapshot, held)
      } catch {
        blocker = Refusal(.dynamicResources, error.description, .text(error.description))
        return
      }
    }
    if open.isEmpty { return }
    devices = Device.all(snapshot)
    for object in snapshot.objects(.resourceClaims) {
      for result in object.json.at("status", "allocation", "devices")?.list("results") ?? []
      where result["adminAccess"]?.bool != true {
        taken.insert(
          Device.Identity(driver: result.text("driver"), pool: result.text("pool"), name: result.text("device")))
      }
    }
    for allocation in held.values { taken.formUnion(allocation.taken) }
  }

  private mutating func add(
    _ name: DeviceClaimName, _ pod: PodNeeds, _ snapshot: Snapshot, _ held: [Key: DeviceAllocation]
  ) throws(ExpressionError) {
    guard let claim = name.claim else {
      throw ExpressionError("waiting for the ResourceClaim of \"\(name.name)\" to be created from its template")
    }
    let key = Key(.resourceClaims, namespace: pod.key.namespace, name: claim)
    guard let json = snapshot[key]?.json else { throw ExpressionError("resourceclaim \"\(claim)\" not found") }
    if json.isBeingDeleted { throw ExpressionError("resourceclaim \"\(claim)\" is being deleted") }
    if held[key] != nil { throw ExpressionError("resourceclaim \"\(claim)\" is being allocated") }
    let users = json["status"]?.list("reservedFor") ?? []
    if !users.contains(where: { $0.text("uid") == pod.uid }), users.count >= Self.shareLimit {
      throw ExpressionError("resourceclaim in use")
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
        key: key, wishes: wishes, constraints: spec.list("constraints").map(DeviceConstraint.init),
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
    let isPartial = devices.contains { $0.isUnsupported && $0.reach.includes(labels, name) }
    return Refusal(
      .dynamicResources, "cannot allocate all claims",
      .text(
        "has no free devices for all claims of the pod"
          + (isPartial ? " (devices that share counters are not supported)" : "")))
  }

  /// The devices that each open claim would get on a node; nil when there are not enough.
  func allocate(_ slot: Int, _ nodes: NodeTable) -> [Key: DeviceAllocation]? {
    let (labels, name) = (nodes.labels[slot], nodes.names[slot])
    var search = DeviceSearch(
      devices: devices.filter { $0.reach.includes(labels, name) }, taken: taken)
    var result: [Key: DeviceAllocation] = [:]
    for claim in open {
      guard let chosen = search.allocate(claim.wishes, claim.constraints) else { return nil }
      result[claim.key] = DeviceAllocation(results: chosen, config: claim.config)
    }
    return result
  }
}

/// Finds devices for the wishes of a claim, going back on choices that lead nowhere.
private struct DeviceSearch {
  let devices: [Device]
  var taken: Set<Device.Identity>
  /// A claim holds at most so many devices.
  private static let resultLimit = 32
  /// After so many steps it gives up: wishes can be made that take for ever.
  private var stepsLeft = 10_000

  init(devices: [Device], taken: Set<Device.Identity>) {
    self.devices = devices
    self.taken = taken
  }

  mutating func allocate(
    _ wishes: [[DeviceRequest]], _ constraints: [DeviceConstraint]
  ) -> [DeviceAllocation.Result]? {
    var chosen: [DeviceAllocation.Result] = []
    return meet(wishes[...], constraints, &chosen) ? chosen : nil
  }

  private mutating func meet(
    _ wishes: ArraySlice<[DeviceRequest]>, _ constraints: [DeviceConstraint], _ chosen: inout [DeviceAllocation.Result]
  ) -> Bool {
    guard let wish = wishes.first else { return true }
    for request in wish {
      let suitable = devices.filter(request.accepts)
      let count = request.takesAll ? suitable.count : request.count
      let fits = (1...Self.resultLimit).contains(count + chosen.count)
      if count > 0, fits, take(count, suitable[...], request, wishes.dropFirst(), constraints, &chosen) { return true }
    }
    return false
  }

  private mutating func take(
    _ count: Int, _ suitable: ArraySlice<Device>, _ request: DeviceRequest, _ rest: ArraySlice<[DeviceRequest]>,
    _ constraints: [DeviceConstraint], _ chosen: inout [DeviceAllocation.Result]
  ) -> Bool {
    if count == 0 { return meet(rest, constraints, &chosen) }
    for (offset, device) in suitable.enumerated() {
      stepsLeft -= 1
      if stepsLeft <= 0 || suitable.count - offset < count { return false }
      if !request.hasAdminAccess, taken.contains(device.id) { continue }
      guard constraints.allSatisfy({ $0.admits(device, for: request, beside: chosen) }) else { continue }
      chosen.append(DeviceAllocation.Result(request: request, device: device))
      if !request.hasAdminAccess { taken.insert(device.id) }
      if take(count - 1, suitable.dropFirst(offset + 1), request, rest, constraints, &chosen) { return true }
      if !request.hasAdminAccess { taken.remove(device.id) }
      chosen.removeLast()
    }
    return false
  }
}

/// Writes into a claim which devices it has, and that a pod uses it.
enum DeviceReservation {
  private static let finalizer = "resource.kubernetes.io/delete-protection"

  /// Keeps a claim from being deleted while it has devices.
  static func protection(_ key: Key, _ snapshot: Snapshot) -> Action? {
    guard let object = snapshot[key] else { return nil }
    let finalizers = object.json.finalizers
    if finalizers.contains(finalizer) { return nil }
    return .patch(key, ["metadata": ["uid": .string(object.uid), "finalizers": JSON(finalizers + [finalizer])]])
  }

  /// Fails when anybody has written since: pods that share a claim must not lose each other's reservation.
  static func reservation(
    _ key: Key, _ allocation: DeviceAllocation?, for pod: PodNeeds, _ snapshot: Snapshot
  ) -> Action? {
    guard let object = snapshot[key] else { return nil }
    let json = object.json
    var status = json["status"] ?? .emptyObject
    if let allocation { status["allocation"] = allocation.json }
    var users = status.list("reservedFor")
    if !users.contains(where: { $0.text("uid") == pod.uid }) {
      users.append(["resource": "pods", "name": .string(pod.key.name), "uid": .string(pod.uid)])
      status["reservedFor"] = .array(users)
    }
    return Action.status(object, from: json["status"], to: status, isExact: true)
  }
}
