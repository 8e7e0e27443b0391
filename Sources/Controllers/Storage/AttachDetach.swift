import JSONCore
import Objects
import Reconciling
import Values

/// Asks the drivers of volumes to attach them to the nodes of their pods, and to detach them when the last pod is gone.
/// Its keys are nodes. Drivers that run nowhere can be played: see `playsDriver`.
public struct AttachDetach: Controller {
  public let name = "persistentvolume-attach-detach-controller"
  public let eventSource = "attachdetach-controller"

  /// On a CSIDriver: its attachments are made here, as its attacher would.
  static let playsDriver = "sim.swiftlet.dev/attach"
  /// A volume stays on a node that does not answer for so long after its pod was deleted.
  static let patience = Duration.seconds(360)

  private let unused = Sightings()

  public init() {}

  public var watches: [Watch] {
    [
      Watch(.pods) { change, snapshot in
        let claims = PodVolumes.claims(of: change.object)
        guard claims.contains(where: { Self.driver(ofClaim: $0, in: change.object.namespace, snapshot) != nil }) else {
          return []
        }
        return [Key(.nodes, name: PodFacts(change.object).nodeName)].filter { !$0.name.isEmpty }
      },
      Watch(.volumeAttachments) { change, _ in
        let node = change.object.spec?.member("nodeName")?.string ?? ""
        return [Key(.nodes, name: node)]
      },
      Watch(.nodes) { change, snapshot in
        let hasVolumes = change.object.status?.member("volumesAttached") != nil
        let isTainted = change.object.spec?.member("taints") != nil
        return hasVolumes || isTainted || change.kind != .modified ? [change.object.key] : []
      },
      Watch(.drivers) { change, snapshot in
        change.kind == .modified ? snapshot.objects(.nodes).map(\.key) : []
      },
      // A claim that has just been bound may be what a placed pod waits for.
      Watch(.persistentVolumeClaims) { change, snapshot in
        let claim = change.object
        guard change.kind != .deleted, Self.driver(ofClaim: claim.name, in: claim.namespace, snapshot) != nil else {
          return []
        }
        return PodVolumes.pods(using: claim, snapshot).map { PodFacts($0).nodeName }
          .filter { !$0.isEmpty }.map { Key(.nodes, name: $0) }
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    let present = snapshot.objects(.volumeAttachments).map { ($0, $0.json) }
      .filter { $0.1.at("spec", "nodeName")?.string == key.name }
    guard let node = snapshot[key] else {
      return Plan(present.flatMap { Self.detachment($0.0, $0.1, isPlayed: true) })
    }
    let wanted = Self.wanted(on: node, snapshot, now)
    var plan = Plan()
    for volume in wanted.sorted(by: { $0.key < $1.key }).map(\.value) {
      if let match = present.first(where: { $0.1.at("spec", "source", "persistentVolumeName") == .string(volume.name) })
      {
        plan.append(Self.progress(match.0, match.1, volume, snapshot))
      } else {
        plan.append(Self.attachment(volume, node, snapshot))
      }
    }
    for (object, json) in present {
      let name = json.at("spec", "source", "persistentVolumeName")?.string ?? ""
      if wanted[name] != nil { continue }
      if let wait = mayStay(json, name, on: node, snapshot, now) {
        plan.requeue(after: wait)
        continue
      }
      let isPlayed = Self.isPlayed(json["spec"]?.text("attacher") ?? "", snapshot)
      plan.then(Self.detachment(object, json, isPlayed: isPlayed))
    }
    plan.then(Self.report(node, present.map(\.1), snapshot))
    return plan
  }

  /// The driver of the volume that a claim is bound to; nil for volumes of other kinds.
  private static func driver(ofClaim name: String, in namespace: String, _ snapshot: Snapshot) -> String? {
    guard let claim = snapshot[Key(.persistentVolumeClaims, namespace: namespace, name: name)],
      let volume = claim.spec?.member("volumeName")?.string,
      let object = snapshot[Key(.persistentVolumes, name: volume)]
    else { return nil }
    return object.spec?.member("csi")?.member("driver")?.string
  }

  // MARK: What should be

  private struct Volume {
    let name: String
    let driver: String
    let handle: String
    let isExclusive: Bool
    let pod: Object
  }

  /// The volumes of the pods of a node, by name, as far as their drivers attach anything.
  private static func wanted(on node: Object, _ snapshot: Snapshot, _ now: Instant) -> [String: Volume] {
    var result: [String: Volume] = [:]
    let isOut = PodCollector.isOutOfService(node)
    for object in snapshot.objects(.pods) {
      let pod = PodFacts(object)
      guard pod.nodeName == node.name, !pod.isTerminal, !(pod.isBeingDeleted && isOut) else { continue }
      for claim in PodVolumes.claims(of: object) {
        let key = Key(.persistentVolumeClaims, namespace: object.namespace, name: claim)
        guard let claimJSON = snapshot[key]?.json, claimJSON["status"]?.text("phase") == "Bound",
          let volume = snapshot[Key(.persistentVolumes, name: claimJSON["spec"]?.text("volumeName") ?? "")],
          let csi = volume.json.at("spec", "csi")
        else { continue }
        let driver = snapshot[Key(.drivers, name: csi.text("driver"))]?.json
        if driver?.at("spec", "attachRequired")?.bool == false { continue }
        let modes = (volume.json["spec"]?.list("accessModes") ?? []).compactMap(\.string)
        result[volume.name] = Volume(
          name: volume.name, driver: csi.text("driver"), handle: csi.text("volumeHandle"),
          isExclusive: modes.allSatisfy { $0 == "ReadWriteOnce" || $0 == "ReadWriteOncePod" }, pod: object)
      }
    }
    return result
  }

  private static func isPlayed(_ driver: String, _ snapshot: Snapshot) -> Bool {
    snapshot[Key(.drivers, name: driver)]?.json.annotation(playsDriver) == "true"
  }

  /// How long a volume that the kubelet still has in use stays attached; nil when it may go.
  private func mayStay(
    _ attachment: JSON, _ volume: String, on node: Object, _ snapshot: Snapshot, _ now: Instant
  ) -> Duration? {
    let mark = "\(node.name)/\(volume)"
    let used = node.json["status"]?.list("volumesInUse") ?? []
    guard let csi = snapshot[Key(.persistentVolumes, name: volume)]?.json.at("spec", "csi"),
      used.contains(.string(Self.uniqueName(csi))), !PodCollector.isOutOfService(node)
    else {
      unused.forget(mark)
      return nil
    }
    // A kubelet that answers says itself when it is done.
    if NodeTaints.isReady(node) { return Self.patience }
    let end = unused.first(mark, at: now) + Self.patience
    return now < end ? end - now : nil
  }

  private static func uniqueName(_ csi: JSON) -> String {
    "kubernetes.io/csi/\(csi.text("driver"))^\(csi.text("volumeHandle"))"
  }

  // MARK: Steps

  private static func attachment(_ volume: Volume, _ node: Object, _ snapshot: Snapshot) -> Plan {
    if volume.isExclusive, let other = elsewhere(volume, node, snapshot) {
      let users = snapshot.objects(.pods, namespace: volume.pod.namespace).filter { pod in
        PodFacts(pod).nodeName == other && !PodFacts(pod).isTerminal
          && PodVolumes.claims(of: pod).contains { PodVolumes.claims(of: volume.pod).contains($0) }
      }.map(\.name)
      let why =
        users.isEmpty
        ? "Volume is already exclusively attached to one node and can't be attached to another"
        : "Volume is already used by pod(s) \(users.joined(separator: ", "))"
      let note = EventNote(
        Reference(volume.pod, volume.pod.json).asInvolved, .warning, "FailedAttachVolume",
        "Multi-Attach error for volume \"\(volume.name)\" \(why)")
      return Plan([.record(note)], requeueAfter: .seconds(2))
    }
    return Plan([
      .create(
        .volumeAttachments,
        [
          "apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttachment",
          "metadata": ["name": .string(name(volume, node.name))],
          "spec": [
            "attacher": .string(volume.driver), "nodeName": .string(node.name),
            "source": ["persistentVolumeName": .string(volume.name)],
          ],
        ])
    ])
  }

  private static func elsewhere(_ volume: Volume, _ node: Object, _ snapshot: Snapshot) -> String? {
    for object in snapshot.objects(.volumeAttachments) {
      let spec = object.json["spec"] ?? .emptyObject
      if spec.at("source", "persistentVolumeName") == .string(volume.name), spec.text("nodeName") != node.name {
        return spec.text("nodeName")
      }
    }
    return nil
  }

  /// `csi-` and 64 digits that follow from driver, handle and node.
  private static func name(_ volume: Volume, _ node: String) -> String {
    var digits = ""
    for round in 0..<4 {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325 &+ UInt64(round)
      for byte in "\(volume.handle)\(volume.driver)\(node)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      let text = String(hash, radix: 16)
      digits += String(repeating: "0", count: 16 - text.count) + text
    }
    return "csi-\(digits)"
  }

  /// Whether the attachment is one of ours by its name: those that others make stay until others take them away.
  private static func isOwn(_ attachment: Object) -> Bool {
    attachment.name.hasPrefix("csi-") && attachment.name.utf8.count == 68
  }

  private static func progress(_ object: Object, _ json: JSON, _ volume: Volume, _ snapshot: Snapshot) -> Plan {
    if json.isBeingDeleted { return .nothing }
    let involved = Reference(volume.pod, volume.pod.json).asInvolved
    if let problem = json.at("status", "attachError")?.text("message"), json.at("status", "attached")?.bool != true {
      let note = EventNote(
        involved, .warning, "FailedAttachVolume",
        "AttachVolume.Attach failed for volume \"\(volume.name)\" : \(problem)")
      return Plan([.record(note)])
    }
    guard json.at("status", "attached")?.bool != true, isPlayed(volume.driver, snapshot) else { return .nothing }
    var plan = Plan([Finalizers.addition(of: finalizer(volume.driver), to: object, json)].compactMap { $0 })
    let note = EventNote(
      involved, "SuccessfulAttachVolume", "AttachVolume.Attach succeeded for volume \"\(volume.name)\" ")
    plan.then(Action.status(object, from: json["status"], to: ["attached": true], event: note))
    return plan
  }

  private static func finalizer(_ driver: String) -> String {
    "\(VolumeNames.attachmentFinalizer)/\(driver.map { $0 == "." ? "-" : String($0) }.joined())"
  }

  private static func detachment(_ object: Object, _ json: JSON, isPlayed: Bool) -> [Action] {
    if !json.isBeingDeleted { return isOwn(object) ? [.delete(object.key, Deletion(uid: object.uid))] : [] }
    guard isPlayed else { return [] }
    return [Finalizers.removal(of: finalizer(json["spec"]?.text("attacher") ?? ""), from: object, json)].compactMap {
      $0
    }
  }

  /// `status.volumesAttached`: what the kubelet waits for before it mounts.
  private static func report(_ node: Object, _ attachments: [JSON], _ snapshot: Snapshot) -> Action? {
    let attached = attachments.compactMap { json -> String? in
      guard json.at("status", "attached")?.bool == true,
        let volume = snapshot[
          Key(.persistentVolumes, name: json.at("spec", "source", "persistentVolumeName")?.string ?? "")],
        let csi = volume.json.at("spec", "csi")
      else { return nil }
      return uniqueName(csi)
    }
    let status = node.json["status"]
    var wanted = status ?? .emptyObject
    wanted["volumesAttached"] =
      attached.isEmpty ? nil : .array(attached.sorted().map { ["name": .string($0), "devicePath": ""] })
    return Action.status(node, from: status, to: wanted)
  }
}
