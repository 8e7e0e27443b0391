import JSONCore
import Objects
import Reconciling
import Values

/// Brings claims and volumes together, and makes volumes where a class is simulated. Keys are claims and volumes.
public struct VolumeBinder: Controller {
  public let name = "persistentvolume-binder"

  private static let bindCompleted = "pv.kubernetes.io/bind-completed"
  private static let boundByController = "pv.kubernetes.io/bound-by-controller"
  private static let provisionedBy = "pv.kubernetes.io/provisioned-by"
  private static let selectedNode = "volume.kubernetes.io/selected-node"
  /// Classes of this provisioner get their volumes from here.
  static let provisioner = "swiftlet.dev/simulated"

  public init() {}

  public var watches: [Watch] {
    [
      .each(.persistentVolumeClaims),
      Watch(.persistentVolumes) { change, snapshot in
        let reference = RawJSON(change.object.blob.bytes).member("spec")?.member("claimRef")?.decoded()
        if let reference {
          return [
            change.object.key,
            Key(.persistentVolumeClaims, namespace: reference.text("namespace"), name: reference.text("name")),
          ]
        }
        // A free volume may be what any waiting claim needs.
        return [change.object.key]
          + snapshot.objects(.persistentVolumeClaims).filter { $0.json["status"]?.text("phase") != "Bound" }.map(\.key)
      },
      Watch(.storageClasses) { _, snapshot in
        snapshot.objects(.persistentVolumeClaims).filter { $0.json["status"]?.text("phase") != "Bound" }.map(\.key)
      },
      Watch(.persistentVolumeClaims) { change, snapshot in
        guard let name = RawJSON(change.object.blob.bytes).member("spec")?.member("volumeName")?.string, !name.isEmpty
        else { return [] }
        return [Key(.persistentVolumes, name: name)]
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    return key.resource == .persistentVolumes
      ? volume(object, object.json, snapshot) : claim(object, object.json, snapshot, now)
  }

  // MARK: Volumes

  private func volume(_ object: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan {
    guard let reference = json.at("spec", "claimRef"), !reference.text("uid").isEmpty else {
      return phase(object, json, json.isBeingDeleted ? json["status"]?.text("phase") ?? "" : "Available")
    }
    let key = Key(.persistentVolumeClaims, namespace: reference.text("namespace"), name: reference.text("name"))
    if let claim = snapshot[key], claim.uid == reference.text("uid") { return phase(object, json, "Bound") }
    var plan = phase(object, json, "Released")
    if json["spec"]?.text("persistentVolumeReclaimPolicy") == "Delete", !json.isBeingDeleted,
      json.annotation(Self.provisionedBy) == Self.provisioner
    {
      plan.then([.delete(object.key, Deletion(uid: object.uid))])
    }
    return plan
  }

  private func phase(_ object: Object, _ json: JSON, _ phase: String) -> Plan {
    if phase.isEmpty || json["status"]?.text("phase") == phase { return .nothing }
    var status = json["status"] ?? .emptyObject
    status["phase"] = .string(phase)
    return Plan([Action.status(object, from: json["status"], to: status)].compactMap { $0 })
  }

  // MARK: Claims

  private func claim(_ object: Object, _ json: JSON, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    if json.isBeingDeleted { return .nothing }
    let volumeName = json["spec"]?.text("volumeName") ?? ""
    if !volumeName.isEmpty {
      guard let volume = snapshot[Key(.persistentVolumes, name: volumeName)] else {
        let isBound = json.annotation(Self.bindCompleted) != nil
        return phase(object, json, isBound ? "Lost" : "Pending")
      }
      return bind(object, json, volume)
    }
    let candidates = snapshot.objects(.persistentVolumes).filter { fits($0.json, object, json) }
    let best = candidates.min { left, right in
      let (leftOwn, rightOwn) = (isReserved(left.json, for: object), isReserved(right.json, for: object))
      if leftOwn != rightOwn { return leftOwn }
      let (leftSize, rightSize) = (capacity(left.json), capacity(right.json))
      return leftSize == rightSize ? left.name < right.name : leftSize < rightSize
    }
    let storageClass = snapshot[Key(.storageClasses, name: json["spec"]?.text("storageClassName") ?? "")]?.json
    if storageClass?.text("volumeBindingMode") == "WaitForFirstConsumer", json.annotation(Self.selectedNode) == nil {
      var plan = phase(object, json, "Pending")
      plan.then([
        .record(
          EventNote(
            Reference(object, json).asInvolved, "WaitForFirstConsumer",
            "waiting for first consumer to be created before binding"))
      ])
      return plan
    }
    if let best { return bind(object, json, best) }
    var plan = phase(object, json, "Pending")
    if let storageClass, storageClass.text("provisioner") == Self.provisioner {
      plan.then([provision(object, json, storageClass)])
    } else if storageClass == nil {
      let name = json["spec"]?.text("storageClassName") ?? ""
      let message =
        name.isEmpty
        ? "no persistent volumes available for this claim and no storage class is set"
        : "storageclass.storage.k8s.io \"\(name)\" not found"
      plan.then([
        .record(
          EventNote(
            Reference(object, json).asInvolved, name.isEmpty ? .normal : .warning,
            name.isEmpty ? "FailedBinding" : "ProvisioningFailed", message))
      ])
    }
    return plan
  }

  private func isReserved(_ volume: JSON, for claim: Object) -> Bool {
    guard let reference = volume.at("spec", "claimRef") else { return false }
    let uid = reference.text("uid")
    return reference.text("namespace") == claim.namespace && reference.text("name") == claim.name
      && (uid.isEmpty || uid == claim.uid)
  }

  private func capacity(_ volume: JSON) -> Quantity { Quantity(volume.at("spec", "capacity", "storage")) ?? .zero }

  private func fits(_ volume: JSON, _ claim: Object, _ json: JSON) -> Bool {
    if volume.isBeingDeleted { return false }
    if volume.at("spec", "claimRef") != nil && !isReserved(volume, for: claim) { return false }
    let spec = volume["spec"] ?? .emptyObject
    let wanted = json["spec"] ?? .emptyObject
    let modes = Set(spec.list("accessModes").compactMap(\.string))
    guard spec.text("storageClassName") == wanted.text("storageClassName"),
      wanted.list("accessModes").compactMap(\.string).allSatisfy(modes.contains),
      (spec["volumeMode"]?.string ?? "Filesystem") == (wanted["volumeMode"]?.string ?? "Filesystem"),
      spec.text("volumeAttributesClassName") == wanted.text("volumeAttributesClassName"),
      capacity(volume) >= Quantity(wanted.at("resources", "requests", "storage")) ?? .zero
    else { return false }
    guard let selector = wanted["selector"] else { return true }
    return (try? LabelSelector(json: selector))?.matches(Labels(volume.at("metadata", "labels"))) ?? false
  }

  /// Each of the four steps is taken where it is missing: the volume's reference and phase, the claim's name and phase.
  private func bind(_ claim: Object, _ json: JSON, _ volume: Object) -> Plan {
    var plan = Plan()
    let volumeJSON = volume.json
    let bound = volumeJSON.at("spec", "claimRef")?.text("uid") ?? ""
    if !bound.isEmpty && bound != claim.uid { return phase(claim, json, "Pending") }
    if bound.isEmpty {
      let reference: JSON = [
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(claim.namespace),
        "name": .string(claim.name), "uid": .string(claim.uid), "resourceVersion": .string(String(claim.revision)),
      ]
      var metadata: JSON = ["resourceVersion": .string(String(volume.revision))]
      if volumeJSON.at("spec", "claimRef") == nil { metadata["annotations"] = [Self.boundByController: "yes"] }
      plan.then([.patch(volume.key, ["metadata": metadata, "spec": ["claimRef": reference]])])
    }
    if json["spec"]?.text("volumeName").isEmpty != false || json.annotation(Self.bindCompleted) == nil {
      var annotations: JSON = [Self.bindCompleted: "yes"]
      if json["spec"]?.text("volumeName").isEmpty != false { annotations[Self.boundByController] = "yes" }
      plan.then([
        .patch(
          claim.key,
          [
            "metadata": ["uid": .string(claim.uid), "annotations": annotations],
            "spec": ["volumeName": .string(volume.name)],
          ])
      ])
    }
    var status = json["status"] ?? .emptyObject
    status["phase"] = "Bound"
    status["accessModes"] = volumeJSON.at("spec", "accessModes")
    status["capacity"] = volumeJSON.at("spec", "capacity")
    plan.then(Action.status(claim, from: json["status"], to: status))
    return plan
  }

  private func provision(_ claim: Object, _ json: JSON, _ storageClass: JSON) -> Action {
    let spec = json["spec"] ?? .emptyObject
    let name = "pvc-\(claim.uid)"
    var volume: JSON = [
      "capacity": ["storage": spec.at("resources", "requests", "storage") ?? "1Gi"],
      "accessModes": spec["accessModes"] ?? .array([]), "storageClassName": .string(spec.text("storageClassName")),
      "persistentVolumeReclaimPolicy": .string(storageClass["reclaimPolicy"]?.string ?? "Delete"),
      "volumeMode": .string(spec["volumeMode"]?.string ?? "Filesystem"),
      "hostPath": ["path": .string("/var/lib/swiftlet/volumes/\(name)"), "type": "DirectoryOrCreate"],
      "claimRef": [
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(claim.namespace),
        "name": .string(claim.name), "uid": .string(claim.uid),
      ],
    ]
    volume["mountOptions"] = storageClass["mountOptions"]
    return .create(
      .persistentVolumes,
      [
        "apiVersion": "v1", "kind": "PersistentVolume",
        "metadata": ["name": .string(name), "annotations": [Self.provisionedBy: .string(Self.provisioner)]],
        "spec": volume,
      ],
      event: EventNote(
        Reference(claim, json).asInvolved, "ProvisioningSucceeded", "Successfully provisioned volume \(name)"))
  }
}

/// Takes the finalizers that protect claims and volumes in use, once they are used no more.
public struct VolumeProtection: Controller {
  public let name = "pvc-protection-controller"

  private static let claimFinalizer = "kubernetes.io/pvc-protection"
  private static let volumeFinalizer = "kubernetes.io/pv-protection"

  public init() {}

  public var watches: [Watch] {
    [
      .each(.persistentVolumeClaims), .each(.persistentVolumes),
      Watch(.pods) { change, _ in
        if change.kind == .modified, !PodFacts(change.object).isTerminal { return [] }
        let volumes = RawJSON(change.object.blob.bytes).member("spec")?.member("volumes")?.decoded()?.array ?? []
        return volumes.compactMap { $0.at("persistentVolumeClaim", "claimName")?.string }
          .map { Key(.persistentVolumeClaims, namespace: change.object.namespace, name: $0) }
      },
      Watch(.persistentVolumeClaims) { change, _ in
        guard change.kind == .deleted,
          let name = RawJSON(change.object.blob.bytes).member("spec")?.member("volumeName")?.string
        else { return [] }
        return [Key(.persistentVolumes, name: name)]
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    guard json.isBeingDeleted else { return .nothing }
    let isClaim = key.resource == .persistentVolumeClaims
    let finalizer = isClaim ? Self.claimFinalizer : Self.volumeFinalizer
    guard json.finalizers.contains(finalizer) else { return .nothing }
    if isClaim ? Self.isUsed(object, snapshot) : json["status"]?.text("phase") == "Bound" { return .nothing }
    let rest = json.finalizers.filter { $0 != finalizer }
    return Plan([
      .patch(
        key,
        ["metadata": ["uid": .string(object.uid), "finalizers": rest.isEmpty ? .null : JSON(rest)]])
    ])
  }

  private static func isUsed(_ claim: Object, _ snapshot: Snapshot) -> Bool {
    snapshot.objects(.pods, namespace: claim.namespace).contains { pod in
      guard !PodFacts(pod).isTerminal,
        let volumes = RawJSON(pod.blob.bytes).member("spec")?.member("volumes")?.decoded()?.array
      else { return false }
      return volumes.contains { $0.at("persistentVolumeClaim", "claimName")?.string == claim.name }
    }
  }
}
