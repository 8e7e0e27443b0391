import JSONCore
import Objects
import Reconciling
import Values

/// Keeps the numbered pods of StatefulSets, one after the other, each with its claims.
public struct StatefulSetController: Controller {
  public let name = "statefulset-controller"

  /// The most pods made in one run.
  static let burst = 500

  public init() {}

  public var watches: [Watch] {
    [
      .each(.statefulSets),
      .ownedOrAdoptable(.pods, by: .statefulSets) { try? LabelSelector(json: $0.json.at("spec", "selector")) },
      .owned(.controllerRevisions, by: .statefulSets),
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    guard let selector = try? LabelSelector(json: json.at("spec", "selector")), !selector.isEmpty else {
      return .nothing
    }
    let reference = Reference(object, json)
    let claim = Claim(
      of: .pods, for: reference, isOwnerBeingDeleted: json.isBeingDeleted, matching: selector, in: snapshot)
    var plan = Plan()
    let collisions = json.at("status", "collisionCount")?.int ?? 0
    let revisions = Revisions(of: reference, json, collisions: collisions, snapshot)
    if revisions.isCollision {
      var status = json["status"] ?? .emptyObject
      status["collisionCount"] = JSON(collisions + 1)
      return Plan([Action.status(object, from: json["status"], to: status)].compactMap { $0 })
    }
    if let action = revisions.action { plan.then([action]) }
    guard let update = revisions.update else { return plan }
    let current = revisions[json["status"]?.text("currentRevision") ?? ""] ?? update
    let run = StatefulSetRun(
      object: object, json: json, reference: reference, pods: claim.objects.map(PodFacts.init), current: current,
      update: update, snapshot: snapshot, now: now)
    plan.then(
      claim.actions.filter { action in
        // Only pods named as ours are adopted.
        guard case .patch(let pod, _, let change) = action.verb, change.at("metadata", "ownerReferences")?.array != nil
        else { return true }
        return run.ordinal(of: pod.name) != nil
      })
    plan.append(run.plan())
    let live = Set(run.pods.map { run.revision(of: $0) } + [current.name, update.name])
    let limit = json.at("spec", "revisionHistoryLimit")?.int ?? 10
    plan.then(revisions.pruning(keeping: live, limit: limit))
    return plan
  }
}

/// One look at one StatefulSet.
struct StatefulSetRun {
  let object: Object
  let json: JSON
  let reference: Reference
  let pods: [PodFacts]
  let current: Revisions.Revision
  let update: Revisions.Revision
  let snapshot: Snapshot
  let now: Instant

  static let podNameLabel = "statefulset.kubernetes.io/pod-name"
  static let indexLabel = "apps.kubernetes.io/pod-index"
  static let revisionLabel = "controller-revision-hash"

  var replicas: Int { json.at("spec", "replicas")?.int ?? 1 }
  var start: Int { json.at("spec", "ordinals", "start")?.int ?? 0 }
  var isParallel: Bool { json["spec"]?.text("podManagementPolicy") == "Parallel" }
  var minReadySeconds: Int { json.at("spec", "minReadySeconds")?.int ?? 0 }
  var isRolling: Bool { json.at("spec", "updateStrategy")?.text("type") != "OnDelete" }
  var partition: Int? { json.at("spec", "updateStrategy", "rollingUpdate", "partition")?.int }

  func ordinal(of name: String) -> Int? {
    guard name.hasPrefix(object.name + "-") else { return nil }
    let digits = name.dropFirst(object.name.count + 1)
    guard let number = Int(digits), number >= 0, String(number) == digits else { return nil }
    return number
  }

  func revision(of pod: PodFacts) -> String { pod.object.labels[Self.revisionLabel] ?? "" }

  private func isAvailable(_ pod: PodFacts) -> Bool {
    pod.phase == "Running" && pod.isAvailable(minReadySeconds: minReadySeconds, at: now)
  }

  func plan() -> Plan {
    var plan = json.isBeingDeleted ? .nothing : work()
    plan.then(Action.status(object, from: json["status"], to: status()))
    return plan
  }

  /// The next thing to do; with ordered management there is only one.
  private func work() -> Plan {
    var plan = Plan()
    let wanted = start..<(start + max(0, replicas))
    let byOrdinal = Dictionary(pods.compactMap { pod in ordinal(of: pod.name).map { ($0, pod) } }) { first, _ in first }
    var created = 0
    for ordinal in wanted {
      guard let pod = byOrdinal[ordinal] else {
        plan.append(creation(ordinal))
        created += 1
        // What was made wakes this key again, for the rest.
        if isParallel, created < StatefulSetController.burst { continue }
        return plan
      }
      if pod.isTerminal, !pod.isBeingDeleted {
        plan.then([deletion(of: pod)])
        if isParallel { continue }
        return plan
      }
      if pod.phase == "Pending" { plan.then(missingClaims(ordinal)) }
      if isParallel { continue }
      if pod.isBeingDeleted || pod.phase != "Running" || !pod.isReady { return plan }
      if !isAvailable(pod) {
        if let since = pod.readySince { plan.requeue(after: since + .seconds(minReadySeconds) - now) }
        return plan
      }
    }
    let condemned = byOrdinal.filter { !wanted.contains($0.key) }.sorted { $0.key > $1.key }
    for (ordinal, pod) in condemned {
      if pod.isBeingDeleted {
        if isParallel { continue }
        return plan
      }
      plan.then(retention(ordinal, pod))
      plan.then([deletion(of: pod)])
      if !isParallel { return plan }
    }
    if isRolling { plan.append(replacement(wanted, byOrdinal)) }
    return plan
  }

  /// Deletes the highest pod that is not of the new revision, once all above it are well.
  private func replacement(_ wanted: Range<Int>, _ byOrdinal: [Int: PodFacts]) -> Plan {
    for ordinal in wanted.reversed() where ordinal - start >= partition ?? 0 {
      guard let pod = byOrdinal[ordinal] else { return .nothing }
      if revision(of: pod) != update.name, !pod.isBeingDeleted { return Plan([deletion(of: pod)]) }
      if pod.isBeingDeleted || !isAvailable(pod) { return .nothing }
    }
    return .nothing
  }

  private func deletion(of pod: PodFacts) -> Action {
    .delete(
      pod.key, Deletion(uid: pod.uid),
      event: EventNote(
        reference.asInvolved, "SuccessfulDelete",
        "delete Pod \(pod.name) in StatefulSet \(object.name) successful"))
  }

  // MARK: Pods and their claims

  private func creation(_ ordinal: Int) -> Plan {
    var plan = Plan(missingClaims(ordinal))
    let name = "\(object.name)-\(ordinal)"
    plan.then([
      .create(
        .pods, pod(ordinal),
        event: EventNote(
          reference.asInvolved, "SuccessfulCreate", "create Pod \(name) in StatefulSet \(object.name) successful"))
    ])
    return plan
  }

  private func usesCurrent(_ ordinal: Int) -> Bool {
    if !isRolling || current.name == update.name { return false }
    if let partition { return ordinal < start + partition }
    return ordinal < start + (json.at("status", "currentReplicas")?.int ?? 0)
  }

  private func pod(_ ordinal: Int) -> JSON {
    let revision = usesCurrent(ordinal) ? current : update
    let name = "\(object.name)-\(ordinal)"
    var pod = PodTemplate.pod(revision.template, owner: reference)
    var metadata = pod["metadata"] ?? .emptyObject
    metadata["name"] = .string(name)
    metadata["labels", default: .emptyObject][Self.podNameLabel] = .string(name)
    metadata["labels", default: .emptyObject][Self.indexLabel] = .string(String(ordinal))
    metadata["labels", default: .emptyObject][Self.revisionLabel] = .string(revision.name)
    pod["metadata"] = metadata
    var spec = pod["spec"] ?? .emptyObject
    spec["hostname"] = .string(name)
    let service = json["spec"]?.text("serviceName") ?? ""
    if !service.isEmpty { spec["subdomain"] = .string(service) }
    let claims = claimTemplates.map { template -> JSON in
      [
        "name": .string(template.name),
        "persistentVolumeClaim": ["claimName": .string(claimName(template.name, ordinal))],
      ]
    }
    let names = Set(claimTemplates.map(\.name))
    let volumes = claims + spec.list("volumes").filter { !names.contains($0.text("name")) }
    if !volumes.isEmpty { spec["volumes"] = .array(volumes) }
    pod["spec"] = spec
    return pod
  }

  private var claimTemplates: [(name: String, json: JSON)] {
    (json["spec"]?.list("volumeClaimTemplates") ?? []).map { ($0["metadata"]?.text("name") ?? "", $0) }
  }

  private func claimName(_ template: String, _ ordinal: Int) -> String { "\(template)-\(object.name)-\(ordinal)" }

  private func missingClaims(_ ordinal: Int) -> [Action] {
    claimTemplates.compactMap { template in
      let name = claimName(template.name, ordinal)
      let key = Key(.persistentVolumeClaims, namespace: object.namespace, name: name)
      if snapshot[key] != nil { return nil }
      var metadata = template.json["metadata"] ?? .emptyObject
      metadata["name"] = .string(name)
      metadata["namespace"] = .string(object.namespace)
      var labels = metadata["labels"] ?? .emptyObject
      for (key, value) in json.at("spec", "selector", "matchLabels")?.object ?? Members() { labels[key] = value }
      metadata["labels"] = labels
      if retentionPolicy("whenDeleted") {
        var owner = reference.asController
        owner["controller"] = nil
        metadata["ownerReferences"] = [owner]
      }
      let claim: JSON = [
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata,
        "spec": template.json["spec"] ?? .emptyObject,
      ]
      return .create(
        .persistentVolumeClaims, claim,
        event: EventNote(
          reference.asInvolved, "SuccessfulCreate",
          "create Claim \(name) Pod \(object.name)-\(ordinal) in StatefulSet \(object.name) success"))
    }
  }

  private func retentionPolicy(_ moment: String) -> Bool {
    json.at("spec", "persistentVolumeClaimRetentionPolicy", moment)?.string == "Delete"
  }

  /// Ties the claims of a pod that is scaled away to the pod, where they are to go with it.
  private func retention(_ ordinal: Int, _ pod: PodFacts) -> [Action] {
    if !retentionPolicy("whenScaled") { return [] }
    return claimTemplates.compactMap { template in
      let key = Key(.persistentVolumeClaims, namespace: object.namespace, name: claimName(template.name, ordinal))
      guard let claim = snapshot[key], !claim.owners.contains(pod.uid) else { return nil }
      let owners = claim.json["metadata"]?.list("ownerReferences") ?? []
      let owner: JSON = ["apiVersion": "v1", "kind": "Pod", "name": .string(pod.name), "uid": .string(pod.uid)]
      return .patch(key, ["metadata": ["ownerReferences": .array(owners + [owner])]])
    }
  }

  // MARK: Status

  private func status() -> JSON {
    var status = json["status"] ?? .emptyObject
    let ours = pods.filter { ordinal(of: $0.name) != nil }
    let ready = ours.count { $0.phase == "Running" && $0.isReady && !$0.isBeingDeleted }
    let updated = ours.count { !$0.isBeingDeleted && revision(of: $0) == update.name }
    var currentCount = ours.count { !$0.isBeingDeleted && revision(of: $0) == current.name }
    var currentName = current.name
    if isRolling, updated == ours.count, ready == ours.count, ours.count == replicas {
      currentName = update.name
      currentCount = updated
    }
    status["observedGeneration"] = JSON(json.generation)
    status["replicas"] = JSON(ours.count)
    status.setCount("readyReplicas", ready)
    status["availableReplicas"] = JSON(ours.count { !$0.isBeingDeleted && isAvailable($0) })
    status.setCount("currentReplicas", currentCount)
    status.setCount("updatedReplicas", updated)
    status["currentRevision"] = .string(currentName)
    status["updateRevision"] = .string(update.name)
    status["collisionCount"] = JSON(json.at("status", "collisionCount")?.int ?? 0)
    return status
  }
}
