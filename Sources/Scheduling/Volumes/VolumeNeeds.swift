import JSONCore
import Objects
import Reconciling

/// The volumes of a pod: which nodes they can be reached from, and what has to be written once a node is chosen.
struct VolumeNeeds: Sendable {
  /// A claim that is bound: its volume restricts the nodes.
  struct Bound: Sendable {
    let volume: String
    /// Any of these; nil for everywhere.
    let terms: [NodeTerm]?
    /// Zone and region labels of the volume with the values that a node may have.
    let zones: [(key: String, values: Set<String>)]
    /// The driver that attaches it; "" for none.
    let driver: String
    let handle: String
  }

  /// A claim that waits for its pod to have a node.
  struct Waiting: Sendable {
    let key: Key
    /// Free volumes that would do, the smallest first.
    let candidates: [(name: String, terms: [NodeTerm]?)]
    /// Whether a volume can be made on demand.
    let isProvisioned: Bool
    let topologies: [NodeTerm]?
    let capacities: [StorageCapacity]?
    let size: Int64
  }

  let pod: PodNeeds
  /// What keeps the pod from any node.
  private(set) var blocker: Refusal?
  private(set) var bound: [Bound] = []
  private(set) var waiting: [Waiting] = []
  /// Claims that one pod alone may use.
  private var exclusive: [Key] = []
  private var hasMissingVolume = false
  private let snapshot: Snapshot

  init(_ pod: PodNeeds, _ snapshot: Snapshot, _ reserved: [String: Key]) {
    self.pod = pod
    self.snapshot = snapshot
    for claim in pod.claims {
      let problem = add(claim, reserved)
      if let problem {
        blocker = Refusal(.volumeBinding, problem, .text(problem))
        return
      }
    }
    // The smallest first, so that it does not take what only a larger one needs.
    waiting.sort { $0.size < $1.size }
  }

  /// - Returns: what is wrong with the claim, whatever the node.
  private mutating func add(_ name: VolumeClaimName, _ reserved: [String: Key]) -> String? {
    let key = name.key(in: pod.key.namespace)
    guard let object = snapshot[key] else {
      return name.isEphemeral
        ? "waiting for ephemeral volume controller to create the persistentvolumeclaim \"\(name.name)\""
        : "persistentvolumeclaim \"\(name.name)\" not found"
    }
    let claim = object.json
    if claim.isBeingDeleted { return "persistentvolumeclaim \"\(name.name)\" is being deleted" }
    if claim["status"]?.text("phase") == "Lost" {
      let volume = claim["spec"]?.text("volumeName") ?? ""
      return "persistentvolumeclaim \"\(name.name)\" bound to non-existent persistentvolume \"\(volume)\""
    }
    let spec = claim["spec"] ?? .emptyObject
    if spec.list("accessModes").contains("ReadWriteOncePod") { exclusive.append(key) }
    let volumeName = spec.text("volumeName")
    if !volumeName.isEmpty {
      if claim.annotation("pv.kubernetes.io/bind-completed") == nil, claim["status"]?.text("phase") != "Bound" {
        return "pod has unbound immediate PersistentVolumeClaims"
      }
      guard let volume = snapshot[Key(.persistentVolumes, name: volumeName)]?.json else {
        hasMissingVolume = true
        return nil
      }
      bound.append(Bound(volumeName, volume))
      return nil
    }
    let storageClass = snapshot[Key(.storageClasses, name: spec.text("storageClassName"))]?.json
    guard let storageClass, storageClass.text("volumeBindingMode") == "WaitForFirstConsumer" else {
      return "pod has unbound immediate PersistentVolumeClaims"
    }
    waiting.append(Waiting(object, claim, storageClass, snapshot, reserved))
    return nil
  }

  // MARK: Filters

  func refusal(_ slot: Int, _ view: ClusterView, _ filters: PluginSet) -> Refusal? {
    if filters.contains(.volumeRestrictions), let refusal = restriction(slot, view) { return refusal }
    if filters.contains(.nodeVolumeLimits), let refusal = limit(slot, view) { return refusal }
    if filters.contains(.volumeBinding), let refusal = binding(slot, view.nodes) { return refusal }
    return filters.contains(.volumeZone) ? zone(slot, view.nodes) : nil
  }

  private func restriction(_ slot: Int, _ view: ClusterView) -> Refusal? {
    if !pod.disks.isEmpty {
      let taken = view.residents[slot].contains { uid in
        view.placed[uid]?.pod.disks.contains { disk in pod.disks.contains { $0.collides(with: disk) } } ?? false
      }
      if taken {
        return Refusal(
          .volumeRestrictions, "node(s) had no available disk", isCurable: true,
          .text("a pod there uses a disk that cannot be shared"))
      }
    }
    guard let claim = exclusive.first(where: { view.claimUsers[$0] != nil }) else { return nil }
    return Refusal(
      .volumeRestrictions,
      "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
      isCurable: true, .text("claim \(claim.name) may be used by one pod, and another one uses it"))
  }

  private func limit(_ slot: Int, _ view: ClusterView) -> Refusal? {
    let drivers = Set(bound.map(\.driver)).filter { !$0.isEmpty }
    if drivers.isEmpty { return nil }
    guard let csi = snapshot[Key(.csiNodes, name: view.nodes.names[slot])]?.json["spec"]?.list("drivers") else {
      return nil
    }
    for driver in drivers.sorted() {
      guard let limit = csi.first(where: { $0.text("name") == driver })?.at("allocatable", "count")?.int else {
        continue
      }
      var attached = attachedHandles(slot, driver, view)
      let before = attached.count
      attached.formUnion(bound.filter { $0.driver == driver }.map(\.handle))
      if attached.count > before, attached.count > limit {
        return Refusal(
          .nodeVolumeLimits, "node(s) exceed max volume count", isCurable: true,
          .text("takes \(limit) volumes of \(driver), and has \(before)"))
      }
    }
    return nil
  }

  /// The volumes of a driver that pods on a node use already.
  private func attachedHandles(_ slot: Int, _ driver: String, _ view: ClusterView) -> Set<String> {
    var handles = Set<String>()
    for uid in view.residents[slot] {
      guard let other = view.placed[uid]?.pod else { continue }
      for claim in other.claims {
        guard
          let name = snapshot[claim.key(in: other.key.namespace)]?.json["spec"]?.text("volumeName"), !name.isEmpty,
          let volume = snapshot[Key(.persistentVolumes, name: name)]?.json
        else { continue }
        let bound = Bound(name, volume)
        if bound.driver == driver { handles.insert(bound.handle) }
      }
    }
    return handles
  }

  private func binding(_ slot: Int, _ nodes: NodeTable) -> Refusal? {
    if hasMissingVolume {
      return Refusal(
        .volumeBinding, "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
        .text("a claim of the pod is bound to a volume that does not exist"))
    }
    let (labels, name) = (nodes.labels[slot], nodes.names[slot])
    for volume in bound where !Self.admits(volume.terms, labels, name) {
      return Refusal(
        .volumeBinding, "node(s) didn't match PersistentVolume's node affinity",
        .text("volume \(volume.volume) cannot be reached from here"))
    }
    var used = Set<String>()
    for claim in waiting {
      if let match = claim.match(labels, name, except: used) {
        used.insert(match)
      } else if !claim.isProvisioned || !Self.admits(claim.topologies, labels, name) {
        return Refusal(
          .volumeBinding, "node(s) didn't find available persistent volumes to bind",
          .text("claim \(claim.key.name) finds no volume that can be reached from here"))
      } else if let capacities = claim.capacities, !capacities.contains(where: { $0.has(claim.size, labels, name) }) {
        return Refusal(
          .volumeBinding, "node(s) did not have enough free storage",
          .text("there is not enough storage for claim \(claim.key.name)"))
      }
    }
    return nil
  }

  static func admits(_ terms: [NodeTerm]?, _ labels: Labels, _ name: String) -> Bool {
    terms?.contains { $0.matches(labels, name: name) } ?? true
  }

  private func zone(_ slot: Int, _ nodes: NodeTable) -> Refusal? {
    let labels = nodes.labels[slot]
    if !Bound.zoneKeys.contains(where: { labels[$0] != nil }) { return nil }
    for volume in bound {
      for (key, values) in volume.zones where !(labels[key].map(values.contains) ?? false) {
        return Refusal(
          .volumeZone, "node(s) had no available volume zone",
          .text("volume \(volume.volume) is in \(values.sorted().joined(separator: ", "))"))
      }
    }
    return nil
  }
}
