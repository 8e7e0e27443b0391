import JSONCore
import Objects
import Reconciling

/// Which template is which revision: the new ReplicaSet, its number, and the old ones that are kept.
extension Rollout {
  /// Annotations of a Deployment that its ReplicaSets do not take over.
  private static let ownAnnotations: Set<String> = [
    "kubectl.kubernetes.io/last-applied-configuration", ReplicaSetState.revisionAnnotation,
    ReplicaSetState.historyAnnotation, ReplicaSetState.desiredAnnotation, ReplicaSetState.maximumAnnotation,
    "deprecated.deployment.rollback.to",
  ]

  /// Longest revision-history annotation, in bytes.
  private static let historyLimit = 2000

  private var copiedAnnotations: [String: String] {
    (json["metadata"]?.strings("annotations") ?? [:]).filter { !Self.ownAnnotations.contains($0.key) }
  }

  /// Numbers the new ReplicaSet, or makes it where there is none yet.
  mutating func syncRevision(creating: Bool) {
    let next = (old.map(\.revision).max() ?? 0) + 1
    if var new {
      adoptRevision(next, &new)
      self.new = new
      revision = new.revision
      if conditions["Progressing"] == nil, progressDeadlineSeconds != nil {
        conditions.replaceProgressing("True", "FoundNewReplicaSet", "Found new replica set \"\(new.name)\"", at: now)
      }
    } else if creating {
      createNew(revision: next)
    }
  }

  private func adoptRevision(_ next: Int64, _ new: inout ReplicaSetState) {
    new.annotations.merge(copiedAnnotations) { _, copied in copied }
    new.minReadySeconds = minReadySeconds
    let before = new.revision
    if before >= next { return }
    new.annotations[ReplicaSetState.revisionAnnotation] = String(next)
    if before > 0 {
      var history =
        new.annotations[ReplicaSetState.historyAnnotation].map { $0.split(separator: ",").map(String.init) } ?? []
      history.append(String(before))
      while history.count > 1, history.joined(separator: ",").utf8.count > Self.historyLimit { history.removeFirst() }
      new.annotations[ReplicaSetState.historyAnnotation] = history.joined(separator: ",")
    }
  }

  private mutating func createNew(revision next: Int64) {
    let template = json.at("spec", "template") ?? .emptyObject
    let hash = PodTemplate.hash(ReplicaSetState.plain(template), collisions: collisionCount)
    let name = "\(object.name)-\(hash)"
    if snapshot[Key(.replicaSets, namespace: object.namespace, name: name)] != nil {
      // Another template, or another owner, has the name: another hash is tried in the next run.
      collisionCount = (collisionCount ?? 0) + 1
      return
    }
    let size = sizeForNew(own: 0)
    var labelled = template
    labelled["metadata", default: .emptyObject]["labels", default: .emptyObject][ReplicaSetState.hashLabel] =
      .string(hash)
    var selector = json.at("spec", "selector") ?? .emptyObject
    selector["matchLabels", default: .emptyObject][ReplicaSetState.hashLabel] = .string(hash)
    var annotations = copiedAnnotations
    annotations[ReplicaSetState.revisionAnnotation] = String(next)
    annotations[ReplicaSetState.desiredAnnotation] = String(replicas)
    annotations[ReplicaSetState.maximumAnnotation] = String(replicas + surge)
    var spec: JSON = ["replicas": JSON(size), "selector": selector, "template": labelled]
    if minReadySeconds > 0 { spec["minReadySeconds"] = JSON(minReadySeconds) }
    let replicaSet: JSON = [
      "apiVersion": "apps/v1", "kind": "ReplicaSet",
      "metadata": [
        "name": .string(name), "namespace": .string(object.namespace),
        "labels": labelled.at("metadata", "labels") ?? .emptyObject, "annotations": JSON(annotations),
        "ownerReferences": [reference.asController],
      ],
      "spec": spec,
    ]
    let event =
      size == 0
      ? nil
      : workload.note("ScalingReplicaSet", "Scaled up replica set \(name) from 0 to \(size)")
    creation = .create(.replicaSets, replicaSet, event: event)
    revision = next
    if progressDeadlineSeconds != nil {
      conditions.replaceProgressing("True", "NewReplicaSetCreated", "Created new replica set \"\(name)\"", at: now)
    }
  }

  /// Deletes the oldest revisions beyond the limit, of those that nothing runs any more.
  mutating func cleanUpHistory() {
    guard let limit = json.at("spec", "revisionHistoryLimit")?.int else { return }
    let candidates = old.filter { !$0.json.isBeingDeleted }
    let excess = candidates.count - limit
    if excess <= 0 { return }
    for replicaSet in candidates.sorted(by: { $0.revision < $1.revision }).prefix(excess) {
      let observed = replicaSet.json.at("status", "observedGeneration")?.int ?? 0
      if replicaSet.currentReplicas != 0 || replicaSet.specifiedReplicas != 0 || observed < replicaSet.json.generation {
        continue
      }
      deletions.append(.delete(replicaSet.object.key, Deletion(uid: replicaSet.object.uid)))
    }
  }
}
