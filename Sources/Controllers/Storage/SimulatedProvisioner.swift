import JSONCore
import Objects
import Reconciling
import Values

/// Makes and removes the volumes of classes whose provisioner is `swiftlet.dev/simulated`, as an external provisioner would.
/// Such a volume is a directory of a simulated node: where its class waits for the first consumer, it belongs to that node.
public struct SimulatedProvisioner: Controller {
  public let name = "simulated-provisioner-controller"
  public let eventSource = "swiftlet.dev/simulated_swiftlet"

  /// In `parameters` of a class: provisioning fails with this message, for those who want to see how that looks.
  private static let failure = "failure"

  public init() {}

  public var watches: [Watch] {
    [
      Watch(.persistentVolumeClaims) { change, _ in change.kind == .deleted ? [] : [change.object.key] },
      Watch(.persistentVolumes) { change, _ in change.kind == .deleted ? [] : [change.object.key] },
      Watch(.storageClasses) { change, snapshot in
        snapshot.objects(.persistentVolumeClaims).filter { $0.json["spec"]?.text("volumeName").isEmpty != false }
          .map(\.key)
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    return key.resource == .persistentVolumes
      ? Self.remove(object, object.json) : Self.provision(object, object.json, snapshot)
  }

  private static func provision(_ claim: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan {
    guard json.annotation(VolumeNames.storageProvisioner) == VolumeNames.simulated, !json.isBeingDeleted,
      json["spec"]?.text("volumeName").isEmpty != false,
      snapshot[Key(.persistentVolumes, name: volumeName(claim))] == nil,
      let storageClass = snapshot[Key(.storageClasses, name: VolumeBinder.className(json))]?.json
    else { return .nothing }
    let node = json.annotation(VolumeNames.selectedNode)
    let isLate = storageClass.text("volumeBindingMode") == "WaitForFirstConsumer"
    if isLate && node == nil { return .nothing }
    let involved = Reference(claim, json).asInvolved
    if let node, snapshot[Key(.nodes, name: node)] == nil {
      // Without the mark the scheduler looks for another node.
      return Plan([
        .patch(claim.key, ["metadata": ["annotations": [VolumeNames.selectedNode: .null]]])
      ])
    }
    if let message = storageClass["parameters"]?[failure]?.string {
      let note = EventNote(
        involved, .warning, "ProvisioningFailed",
        "failed to provision volume with StorageClass \"\(VolumeBinder.className(json))\": \(message)")
      return Plan([.record(note)])
    }
    var plan = Plan([
      .record(
        EventNote(
          involved, "Provisioning",
          "External provisioner is provisioning volume for claim \"\(claim.namespace)/\(claim.name)\""))
    ])
    plan.then([
      .create(
        .persistentVolumes, volume(claim, json, storageClass, on: isLate ? node : nil),
        event: EventNote(
          involved, "ProvisioningSucceeded", "Successfully provisioned volume \(volumeName(claim))"))
    ])
    return plan
  }

  private static func volumeName(_ claim: Object) -> String { "pvc-\(claim.uid)" }

  private static func volume(_ claim: Object, _ json: JSON, _ storageClass: JSON, on node: String?) -> JSON {
    let spec = json["spec"] ?? .emptyObject
    let directory = "\(volumeName(claim))_\(claim.namespace)_\(claim.name)"
    var volume: JSON = [
      "capacity": ["storage": spec.at("resources", "requests", "storage") ?? "1Gi"],
      "accessModes": spec["accessModes"] ?? .array([]),
      "storageClassName": .string(VolumeBinder.className(json)),
      "persistentVolumeReclaimPolicy": .string(storageClass["reclaimPolicy"]?.string ?? "Delete"),
      "volumeMode": .string(spec["volumeMode"]?.string ?? "Filesystem"),
      "hostPath": ["path": .string("/var/lib/swiftlet/volumes/\(directory)"), "type": "DirectoryOrCreate"],
      "claimRef": [
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(claim.namespace),
        "name": .string(claim.name), "uid": .string(claim.uid), "resourceVersion": .string(String(claim.revision)),
      ],
    ]
    volume["mountOptions"] = storageClass["mountOptions"]
    volume["volumeAttributesClassName"] = spec["volumeAttributesClassName"]
    let terms = affinity(storageClass, node)
    if !terms.isEmpty { volume["nodeAffinity"] = ["required": ["nodeSelectorTerms": .array(terms)]] }
    return [
      "apiVersion": "v1", "kind": "PersistentVolume",
      "metadata": [
        "name": .string(volumeName(claim)),
        "annotations": [VolumeNames.provisionedBy: .string(VolumeNames.simulated)],
        "finalizers": [.string(VolumeNames.provisionerFinalizer)],
      ],
      "spec": volume,
    ]
  }

  /// Where the volume can be used: on the node that was chosen, or else where its class allows.
  private static func affinity(_ storageClass: JSON, _ node: String?) -> [JSON] {
    func isIn(_ key: String, _ values: JSON) -> JSON { ["key": .string(key), "operator": "In", "values": values] }
    if let node { return [["matchExpressions": [isIn("kubernetes.io/hostname", [.string(node)])]]] }
    return storageClass.list("allowedTopologies").map { topology in
      let expressions = topology.list("matchLabelExpressions").map { isIn($0.text("key"), $0["values"] ?? .array([])) }
      return ["matchExpressions": .array(expressions)]
    }
  }

  /// Removes a volume that its claim has left behind, when its policy says so.
  private static func remove(_ volume: Object, _ json: JSON) -> Plan {
    guard json.annotation(VolumeNames.provisionedBy) == VolumeNames.simulated else { return .nothing }
    let isLeft = ["Released", "Failed"].contains(json["status"]?.text("phase"))
    let policy = json["spec"]?.text("persistentVolumeReclaimPolicy")
    var plan = Plan()
    if isLeft, policy == "Delete", !json.isBeingDeleted {
      plan.then([.delete(volume.key, Deletion(uid: volume.uid))])
    }
    guard json.isBeingDeleted, isLeft || policy != "Delete",
      json.finalizers.contains(VolumeNames.provisionerFinalizer)
    else { return plan }
    plan.then(Finalizers.removal(of: VolumeNames.provisionerFinalizer, from: volume, json))
    return plan
  }
}

/// Taking finalizers away.
enum Finalizers {
  /// The patch that removes one; nil where it is not there.
  static func removal(of finalizer: String, from object: Object, _ json: JSON) -> Action? {
    guard json.finalizers.contains(finalizer) else { return nil }
    let rest = json.finalizers.filter { $0 != finalizer }
    let metadata: JSON = [
      "uid": .string(object.uid), "resourceVersion": .string(String(object.revision)),
      "finalizers": rest.isEmpty ? .null : JSON(rest),
    ]
    return .patch(object.key, ["metadata": metadata])
  }

  /// The patch that adds one; nil where it is there already.
  static func addition(of finalizer: String, to object: Object, _ json: JSON) -> Action? {
    if json.finalizers.contains(finalizer) { return nil }
    let metadata: JSON = [
      "uid": .string(object.uid), "resourceVersion": .string(String(object.revision)),
      "finalizers": JSON(json.finalizers + [finalizer]),
    ]
    return .patch(object.key, ["metadata": metadata])
  }
}
