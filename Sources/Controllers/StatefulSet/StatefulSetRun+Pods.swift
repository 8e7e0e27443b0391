import JSONCore
import Objects
import Reconciling

/// The pods of a StatefulSet: a name, a number and a revision each.
extension StatefulSetRun {
  static let podNameLabel = "statefulset.kubernetes.io/pod-name"
  static let indexLabel = "apps.kubernetes.io/pod-index"
  static let revisionLabel = "controller-revision-hash"

  func podName(_ ordinal: Int) -> String { "\(workload.name)-\(ordinal)" }

  func creation(_ ordinal: Int) -> Action {
    .create(
      .pods, pod(ordinal),
      event: workload.note(
        "SuccessfulCreate", "create Pod \(podName(ordinal)) in StatefulSet \(workload.name) successful"))
  }

  /// Whether a pod that is lost comes back as it was: below the partition, or not yet reached by the update.
  private func usesCurrent(_ ordinal: Int) -> Bool {
    if !isRolling || current.name == update.name { return false }
    let share = rolling.map { $0["partition"]?.int ?? 0 } ?? workload.status["currentReplicas"]?.int ?? 0
    return ordinal < wanted.lowerBound + share
  }

  private func pod(_ ordinal: Int) -> JSON {
    let revision = usesCurrent(ordinal) ? current : update
    let name = podName(ordinal)
    var pod = PodTemplate.pod(revision.template, owner: workload.reference)
    var metadata = pod["metadata"] ?? .emptyObject
    metadata["name"] = .string(name)
    for (label, value) in identity(ordinal) + [(Self.revisionLabel, revision.name)] {
      metadata["labels", default: .emptyObject][label] = .string(value)
    }
    pod["metadata"] = metadata
    var spec = pod["spec"] ?? .emptyObject
    spec["hostname"] = .string(name)
    let service = workload.spec.text("serviceName")
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

  /// The labels that say which pod it is.
  private func identity(_ ordinal: Int) -> [(String, String)] {
    [(Self.podNameLabel, podName(ordinal)), (Self.indexLabel, String(ordinal))]
  }

  /// What a pod that was adopted, or changed by others, lacks of its identity and of the ties of its claims.
  func repairs(_ ordinal: Int, _ pod: PodFacts) -> [Action] {
    var labels = JSON.emptyObject
    for (label, value) in identity(ordinal) where pod.object.labels[label] != value { labels[label] = .string(value) }
    let claims = ties(of: ordinal, to: pod, isCondemned: false)
    if labels == .emptyObject { return claims }
    let event = workload.note(
      "SuccessfulUpdate", "update Pod \(pod.name) in StatefulSet \(workload.name) successful")
    return claims + [.patch(pod.key, ["metadata": ["uid": .string(pod.uid), "labels": labels]], event: event)]
  }
}

/// What its status says.
extension StatefulSetRun {
  func status() -> JSON {
    let pods = members
    let ready = pods.filter { $0.phase == "Running" && $0.isReady }
    let staying = pods.filter { !$0.isBeingDeleted }
    let updated = staying.count { revision(of: $0) == update.name }
    var currentCount = staying.count { revision(of: $0) == current.name }
    var currentName = current.name
    if isRolling, [updated, ready.count, pods.count].allSatisfy({ $0 == workload.replicas }) {
      currentName = update.name
      currentCount = updated
    }
    var status = workload.status
    status["observedGeneration"] = JSON(workload.json.generation)
    status["replicas"] = JSON(pods.count)
    status.setCount("readyReplicas", ready.count)
    status["availableReplicas"] = JSON(ready.count(where: workload.isAvailable))
    status.setCount("currentReplicas", currentCount)
    status.setCount("updatedReplicas", updated)
    status["currentRevision"] = .string(currentName)
    status["updateRevision"] = .string(update.name)
    status["collisionCount"] = JSON(status["collisionCount"]?.int ?? 0)
    return status
  }
}
