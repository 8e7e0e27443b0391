import JSONCore
import Objects
import Reconciling

extension VolumeNeeds.Bound {
  static let zoneKeys = [
    "topology.kubernetes.io/zone", "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
  ]

  init(_ name: String, _ json: JSON) {
    volume = name
    terms = json.at("spec", "nodeAffinity", "required").map { $0.list("nodeSelectorTerms").map(NodeTerm.init) }
    zones = Self.zoneKeys.compactMap { key in
      // A volume in several zones lists them with two underscores between.
      json.label(key).map { (key, Set(Self.split($0))) }
    }
    let csi = json.at("spec", "csi")
    driver = csi?.text("driver") ?? ""
    handle = csi?.text("volumeHandle") ?? name
  }

  private static func split(_ text: String) -> [String] {
    var parts: [String] = [""]
    var rest = Substring(text)
    while let first = rest.first {
      if rest.hasPrefix("__") {
        parts.append("")
        rest = rest.dropFirst(2)
      } else {
        parts[parts.count - 1].append(first)
        rest = rest.dropFirst()
      }
    }
    return parts
  }
}

extension VolumeNeeds.Waiting {
  init(
    _ object: Object, _ claim: JSON, _ storageClass: JSON, _ snapshot: Snapshot, _ reserved: [String: Key]
  ) {
    key = object.key
    let spec = claim["spec"] ?? .emptyObject
    let wanted = Quantity(spec.at("resources", "requests", "storage")) ?? .zero
    size = wanted.value
    let fitting = snapshot.objects(.persistentVolumes).compactMap { volume -> (Quantity, String, [NodeTerm]?)? in
      if let holder = reserved[volume.name], holder != object.key { return nil }
      let json = volume.json
      guard Self.suits(json, object, spec, wanted) else { return nil }
      let terms = json.at("spec", "nodeAffinity", "required")?.list("nodeSelectorTerms").map(NodeTerm.init)
      return (Quantity(json.at("spec", "capacity", "storage")) ?? .zero, volume.name, terms)
    }
    candidates = fitting.sorted { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 < $1.0 }.map { ($0.1, $0.2) }
    let provisioner = storageClass.text("provisioner")
    isProvisioned = !provisioner.isEmpty && provisioner != "kubernetes.io/no-provisioner"
    topologies = storageClass["allowedTopologies"]?.array.flatMap { list in
      list.isEmpty ? nil : list.map(Self.term)
    }
    let tracksCapacity = snapshot[Key(.csiDrivers, name: provisioner)]?.json.at("spec", "storageCapacity")?.bool == true
    capacities =
      tracksCapacity
      ? snapshot.objects(.csiStorageCapacities).map(\.json).filter {
        $0.text("storageClassName") == spec.text("storageClassName")
      }.map(StorageCapacity.init) : nil
  }

  /// A topology term has lists of label values; a node term says the same with other words.
  private static func term(_ json: JSON) -> NodeTerm {
    NodeTerm([
      "matchExpressions": .array(
        json.list("matchLabelExpressions").map {
          ["key": .string($0.text("key")), "operator": "In", "values": $0["values"] ?? .array([])]
        })
    ])
  }

  private static func suits(_ volume: JSON, _ claim: Object, _ wanted: JSON, _ size: Quantity) -> Bool {
    if volume.isBeingDeleted { return false }
    let spec = volume["spec"] ?? .emptyObject
    if let holder = spec["claimRef"],
      holder.text("namespace") != claim.namespace || holder.text("name") != claim.name
        || !(holder.text("uid").isEmpty || holder.text("uid") == claim.uid)
    {
      return false
    }
    let modes = spec.list("accessModes")
    guard spec.text("storageClassName") == wanted.text("storageClassName"),
      wanted.list("accessModes").allSatisfy(modes.contains),
      (spec["volumeMode"]?.string ?? "Filesystem") == (wanted["volumeMode"]?.string ?? "Filesystem"),
      (Quantity(spec.at("capacity", "storage")) ?? .zero) >= size
    else { return false }
    guard let selector = wanted["selector"] else { return true }
    return (try? LabelSelector(json: selector))?.matches(Labels(volume.at("metadata", "labels"))) ?? false
  }

  /// The smallest volume that can be reached from a node.
  func match(_ labels: Labels, _ name: String, except used: Set<String>) -> String? {
    candidates.first { !used.contains($0.name) && VolumeNeeds.admits($0.terms, labels, name) }?.name
  }
}

/// How much a driver can still provision, and where.
struct StorageCapacity: Sendable {
  private let selector: LabelSelector
  private let capacity: Int64

  init(_ json: JSON) {
    selector = (try? LabelSelector(json: json["nodeTopology"])) ?? .nothing
    capacity = Quantity(json["maximumVolumeSize"] ?? json["capacity"])?.value ?? 0
  }

  func has(_ size: Int64, _ labels: Labels, _ name: String) -> Bool { capacity >= size && selector.matches(labels) }
}

/// What a chosen node means for the claims that waited for it.
struct VolumeBindings: Sendable {
  /// Volumes that become a claim's, by name.
  var volumes: [String: Key] = [:]
  /// Claims for which a volume is made near the node.
  var provisioned: [Key] = []

  static let selectedNode = "volume.kubernetes.io/selected-node"

  var claims: [Key] { volumes.sorted { $0.key < $1.key }.map(\.value) + provisioned }
  var isEmpty: Bool { volumes.isEmpty && provisioned.isEmpty }

  init(_ needs: VolumeNeeds?, _ labels: Labels, node: String) {
    for claim in needs?.waiting ?? [] {
      if let match = claim.match(labels, node, except: Set(volumes.keys)) {
        volumes[match] = claim.key
      } else {
        provisioned.append(claim.key)
      }
    }
  }

  func actions(_ snapshot: Snapshot, node: String) -> [Action] {
    let bindings = volumes.sorted { $0.key < $1.key }.compactMap { name, key -> Action? in
      guard let claim = snapshot[key] else { return nil }
      let reference: JSON = [
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(key.namespace),
        "name": .string(key.name), "uid": .string(claim.uid),
      ]
      return .patch(
        Key(.persistentVolumes, name: name),
        [
          "metadata": ["annotations": ["pv.kubernetes.io/bound-by-controller": "yes"]],
          "spec": ["claimRef": reference],
        ])
    }
    return bindings
      + provisioned.map { .patch($0, ["metadata": ["annotations": [Self.selectedNode: .string(node)]]]) }
  }

  /// Whether all claims have their volumes.
  func isComplete(_ snapshot: Snapshot) -> Bool {
    claims.allSatisfy { key in snapshot[key]?.json["status"]?.text("phase") == "Bound" }
  }
}
