import JSONCore
import Objects
import Reconciling

/// What a claim asks of a volume.
struct VolumeMatch {
  private let claim: Object
  private let spec: JSON
  private let modes: [String]
  private let size: Quantity
  private let selector: LabelSelector?
  /// The node that the scheduler has chosen for the claim's pod; nil as long as it has not.
  private let node: Object?

  init(_ claim: Object, _ json: JSON, _ snapshot: Snapshot) {
    self.claim = claim
    spec = json["spec"] ?? .emptyObject
    modes = spec.list("accessModes").compactMap(\.string)
    size = Quantity(spec.at("resources", "requests", "storage")) ?? .zero
    selector = spec["selector"].map { (try? LabelSelector(json: $0)) ?? .nothing }
    node = json.annotation(VolumeNames.selectedNode).flatMap { snapshot[Key(.nodes, name: $0)] }
  }

  /// The volume that suits best: one that is kept for this claim, or else the smallest.
  /// - Parameter isReservedOnly: look only at volumes whose reference names the claim.
  func best(in snapshot: Snapshot, isReservedOnly: Bool) -> Object? {
    var best: (volume: Object, isReserved: Bool, capacity: Quantity)?
    for volume in snapshot.objects(.persistentVolumes) where mayFit(volume) {
      let json = volume.json
      let isReserved = isReserved(json)
      if isReservedOnly && !isReserved || !fits(json, isReserved: isReserved) { continue }
      let capacity = Self.capacity(json)
      if let best, best.isReserved == isReserved ? best.capacity <= capacity : best.isReserved { continue }
      best = (volume, isReserved, capacity)
    }
    return best?.volume
  }

  /// Whether it is worth decoding: most volumes belong to other claims.
  private func mayFit(_ volume: Object) -> Bool {
    let offered = volume.spec
    if offered?.member("storageClassName")?.string ?? "" != spec.text("storageClassName") { return false }
    guard let reference = offered?.member("claimRef") else { return true }
    return reference.member("name")?.string == claim.name && reference.member("namespace")?.string == claim.namespace
  }

  static func capacity(_ volume: JSON) -> Quantity { Quantity(volume.at("spec", "capacity", "storage")) ?? .zero }

  /// The volume names this very claim.
  func isReserved(_ volume: JSON) -> Bool {
    guard let reference = volume.at("spec", "claimRef") else { return false }
    let uid = reference.text("uid")
    return reference.text("namespace") == claim.namespace && reference.text("name") == claim.name
      && (uid.isEmpty || uid == claim.uid)
  }

  private func fits(_ volume: JSON, isReserved: Bool) -> Bool {
    if volume.isBeingDeleted || problem(of: volume) != nil { return false }
    if isReserved { return true }
    if volume.at("spec", "claimRef") != nil { return false }
    if let selector, !selector.matches(Labels(volume.at("metadata", "labels"))) { return false }
    guard let node, let terms = volume.at("spec", "nodeAffinity", "required")?.list("nodeSelectorTerms") else {
      return true
    }
    return NodeSelector(terms: terms).matches(node)
  }

  /// Why the claim cannot have this volume, in the words of the event; nil when it can.
  func problem(of volume: JSON) -> String? {
    let offered = volume["spec"] ?? .emptyObject
    if Self.capacity(volume) < size { return "requested PV is too small" }
    if offered.text("storageClassName") != spec.text("storageClassName") { return "storageClassName does not match" }
    if offered.text("volumeAttributesClassName") != spec.text("volumeAttributesClassName") {
      return "VolumeAttributesClassName does not match"
    }
    if (offered["volumeMode"]?.string ?? "Filesystem") != (spec["volumeMode"]?.string ?? "Filesystem") {
      return "incompatible volumeMode"
    }
    let present = Set(offered.list("accessModes").compactMap(\.string))
    return modes.allSatisfy(present.contains) ? nil : "incompatible accessMode"
  }
}
