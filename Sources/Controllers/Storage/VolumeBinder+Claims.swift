import JSONCore
import Objects
import Reconciling

/// The claim's side of binding.
extension VolumeBinder {
  private static let defaultClassAnnotation = "storageclass.kubernetes.io/is-default-class"

  /// A claim that was bound before: it keeps its volume, or has lost it for good.
  static func bound(_ claim: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan {
    func lost(_ reason: String, _ message: String) -> Plan {
      phase(
        claim, json, "Lost",
        event: EventNote(Reference(claim, json).asInvolved, .warning, reason, message))
    }
    let name = json["spec"]?.text("volumeName") ?? ""
    if name.isEmpty {
      return lost("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!")
    }
    guard let volume = snapshot[Key(.persistentVolumes, name: name)] else {
      return lost("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
    }
    let volumeJSON = volume.json
    let holder = volumeJSON.at("spec", "claimRef")?.text("uid") ?? ""
    if !holder.isEmpty && holder != claim.uid {
      return lost("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")
    }
    return bind(claim, json, volume, volumeJSON)
  }

  static func unbound(_ claim: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan {
    let name = json["spec"]?.text("volumeName") ?? ""
    if !name.isEmpty { return unbound(claim, json, wanting: name, snapshot) }
    if json.isBeingDeleted { return .nothing }
    if let assignment = assignDefaultClass(claim, json, snapshot) { return assignment }
    let storageClass = snapshot[Key(.storageClasses, name: className(json))]?.json
    let isLate = storageClass?.text("volumeBindingMode") == "WaitForFirstConsumer"
    let isSelected = json.annotation(VolumeNames.selectedNode) != nil
    let match = VolumeMatch(claim, json, snapshot)
    if let volume = match.best(in: snapshot, isReservedOnly: isLate && !isSelected) {
      return bind(claim, json, volume, volume.json)
    }
    if isLate && !isSelected { return waiting(claim, json, awaitedBy(claim, snapshot)) }
    if !className(json).isEmpty { return provision(claim, json, storageClass) }
    return waiting(
      claim, json,
      EventNote(
        Reference(claim, json).asInvolved, "FailedBinding",
        "no persistent volumes available for this claim and no storage class is set"))
  }

  /// A claim that asks for a volume by its name.
  private static func unbound(_ claim: Object, _ json: JSON, wanting name: String, _ snapshot: Snapshot) -> Plan {
    guard let volume = snapshot[Key(.persistentVolumes, name: name)] else { return phase(claim, json, "Pending") }
    let match = VolumeMatch(claim, json, snapshot)
    let volumeJSON = volume.json
    let involved = Reference(claim, json).asInvolved
    if volumeJSON.at("spec", "claimRef") == nil {
      guard let problem = match.problem(of: volumeJSON) else { return bind(claim, json, volume, volumeJSON) }
      return waiting(
        claim, json,
        EventNote(
          involved, .warning, "VolumeMismatch", "Cannot bind to requested volume \"\(name)\": \(problem)"))
    }
    if match.isReserved(volumeJSON) { return bind(claim, json, volume, volumeJSON) }
    return waiting(
      claim, json,
      EventNote(involved, .warning, "FailedBinding", "volume \"\(name)\" already bound to a different claim."))
  }

  private static func waiting(_ claim: Object, _ json: JSON, _ note: EventNote) -> Plan {
    var plan = phase(claim, json, "Pending")
    plan.then([.record(note)])
    return plan
  }

  /// What a claim that waits for its first consumer waits for in fact.
  private static func awaitedBy(_ claim: Object, _ snapshot: Snapshot) -> EventNote {
    let involved = Reference(claim, claim.json).asInvolved
    let consumer = PodVolumes.pods(using: claim, snapshot).first { PodFacts($0).nodeName.isEmpty }
    guard let consumer else {
      return EventNote(
        involved, "WaitForFirstConsumer", "waiting for first consumer to be created before binding")
    }
    return EventNote(involved, "WaitForPodScheduled", "waiting for pod \(consumer.name) to be scheduled")
  }

  static func className(_ claim: JSON) -> String {
    claim.annotation(VolumeNames.storageClassBeta) ?? claim["spec"]?.text("storageClassName") ?? ""
  }

  /// A claim made before there was a default class gets it as soon as there is one.
  private static func assignDefaultClass(_ claim: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan? {
    guard json.at("spec", "storageClassName") == nil, json.annotation(VolumeNames.storageClassBeta) == nil else {
      return nil
    }
    let classes = snapshot.objects(.storageClasses).map { ($0.name, $0.json) }
      .filter { $0.1.annotation(defaultClassAnnotation) == "true" }
      .sorted {
        ($0.1.at("metadata")?.text("creationTimestamp") ?? "", $1.0) > (
          $1.1.at("metadata")?.text("creationTimestamp") ?? "", $0.0
        )
      }
    guard let name = classes.first?.0 else { return nil }
    return Plan([
      .patch(claim.key, ["metadata": ["uid": .string(claim.uid)], "spec": ["storageClassName": .string(name)]])
    ])
  }

  /// Names the provisioner that is to make a volume for the claim.
  private static func provision(_ claim: Object, _ json: JSON, _ storageClass: JSON?) -> Plan {
    let involved = Reference(claim, json).asInvolved
    func failed(_ message: String) -> Plan {
      waiting(claim, json, EventNote(involved, .warning, "ProvisioningFailed", message))
    }
    guard let storageClass else { return failed("storageclass.storage.k8s.io \"\(className(json))\" not found") }
    let provisioner = storageClass.text("provisioner")
    if provisioner.hasPrefix("kubernetes.io/") {
      return failed("no volume plugin matched name: \(provisioner)")
    }
    var plan = phase(claim, json, "Pending")
    if json.annotation(VolumeNames.storageProvisioner) != provisioner {
      let annotations: JSON = [
        VolumeNames.storageProvisioner: .string(provisioner), VolumeNames.storageProvisionerBeta: .string(provisioner),
      ]
      plan.then([.patch(claim.key, ["metadata": ["uid": .string(claim.uid), "annotations": annotations]])])
    }
    plan.then([
      .record(
        EventNote(
          involved, "ExternalProvisioning",
          "Waiting for a volume to be created either by the external provisioner '\(provisioner)' or manually by the "
            + "system administrator. If volume creation is delayed, please verify that the provisioner is running and "
            + "correctly registered."))
    ])
    return plan
  }
}
