import JSONCore
import Objects
import Reconciling
import Values

/// What the Deployment's status says.
extension Rollout {
  /// Writes the status, and with it the revision: through `/status` an annotation does not count as a new generation.
  func statusAction(_ status: JSON) -> Action? {
    var patch = JSON.emptyObject
    patch["status"] = JSON.mergeDifference(from: json["status"] ?? .emptyObject, to: status)
    var metadata: JSON = ["uid": .string(object.uid)]
    if let revision, json.annotation(ReplicaSetState.revisionAnnotation) != String(revision) {
      metadata["annotations"] = [ReplicaSetState.revisionAnnotation: .string(String(revision))]
    } else if patch == .emptyObject {
      return nil
    }
    patch["metadata"] = metadata
    return .patch(object.key, subresource: "status", patch)
  }

  /// The counts and the Available condition.
  func status() -> JSON {
    var status = json["status"] ?? .emptyObject
    let all = self.all
    let total = all.reduce(0) { $0 + $1.currentReplicas }
    let available = all.reduce(0) { $0 + $1.availableReplicas }
    status["observedGeneration"] = JSON(json.generation)
    status.setCount("replicas", total)
    status.setCount("updatedReplicas", new?.currentReplicas ?? 0)
    status.setCount("readyReplicas", all.reduce(0) { $0 + $1.readyReplicas })
    status.setCount("availableReplicas", available)
    status.setCount("unavailableReplicas", max(0, total - available))
    status["terminatingReplicas"] = JSON(all.reduce(0) { $0 + $1.terminatingReplicas })
    status["collisionCount"] = collisionCount.map { JSON($0) }
    var conditions = self.conditions
    if available >= replicas - unavailable {
      conditions.update(
        "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", at: now)
    } else {
      conditions.update(
        "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", at: now)
    }
    conditions.write(to: &status)
    return status
  }

  /// All pods are of the new template, available, and no more than wanted.
  var isComplete: Bool { Self.isComplete(status(), replicas) }

  private static func isComplete(_ status: JSON, _ replicas: Int) -> Bool {
    ["updatedReplicas", "replicas", "availableReplicas"].allSatisfy { (status[$0]?.int ?? 0) == replicas }
  }

  /// As `status()`, with what is to be said about the progress of the rollout.
  mutating func rolloutStatus() -> JSON {
    var status = self.status()
    var conditions = Conditions(status)
    if let deadline = progressDeadlineSeconds {
      let current = self.conditions["Progressing"]
      let isOver =
        current?.text("reason") == "NewReplicaSetAvailable"
        && (status["replicas"]?.int ?? 0) == (status["updatedReplicas"]?.int ?? 0)
      if !isOver { noteProgress(&conditions, status, current, deadline) }
    } else {
      conditions.remove("Progressing")
    }
    if let failure = all.reversed().lazy
      .compactMap({ Conditions($0.json["status"])["ReplicaFailure"] }).first
    {
      conditions.update(
        "ReplicaFailure", failure.text("status"), failure.text("reason"), failure.text("message"), at: now)
    } else {
      conditions.remove("ReplicaFailure")
    }
    conditions.write(to: &status)
    return status
  }

  private mutating func noteProgress(
    _ conditions: inout Conditions, _ status: JSON, _ current: JSON?, _ deadline: Int
  ) {
    let subject = new.map { "ReplicaSet \"\($0.name)\"" } ?? "Deployment \"\(object.name)\""
    if Self.isComplete(status, replicas) {
      conditions.update(
        "Progressing", "True", "NewReplicaSetAvailable", "\(subject) has successfully progressed.", at: now)
    } else if hasProgressed(status) {
      conditions.replaceProgressing("True", "ReplicaSetUpdated", "\(subject) is progressing.", at: now)
    } else if let current, current.text("reason") != "NewReplicaSetAvailable" {
      let since = Instant(rfc3339: current.text("lastUpdateTime")) ?? now
      let left = since + .seconds(deadline) - now
      if current.text("reason") == "ProgressDeadlineExceeded" { return }
      if left < .zero {
        conditions.update(
          "Progressing", "False", "ProgressDeadlineExceeded", "\(subject) has timed out progressing.", at: now)
      } else {
        plan.requeue(after: left + .seconds(1))
      }
    }
  }

  private func hasProgressed(_ status: JSON) -> Bool {
    func count(_ status: JSON?, _ field: String) -> Int { status?[field]?.int ?? 0 }
    let before = json["status"]
    func old(_ status: JSON?) -> Int { count(status, "replicas") - count(status, "updatedReplicas") }
    return count(status, "updatedReplicas") > count(before, "updatedReplicas") || old(status) < old(before)
      || count(status, "readyReplicas") > count(before, "readyReplicas")
      || count(status, "availableReplicas") > count(before, "availableReplicas")
  }

  /// A pause stops the clock of the deadline; going on starts it anew.
  mutating func notePause() {
    if progressDeadlineSeconds == nil { return }
    let reason = conditions["Progressing"]?.text("reason") ?? ""
    if reason == "ProgressDeadlineExceeded" { return }
    if isPaused, reason != "DeploymentPaused" {
      conditions.replaceProgressing("Unknown", "DeploymentPaused", "Deployment is paused", at: now)
    } else if !isPaused, reason == "DeploymentPaused" {
      conditions.replaceProgressing("Unknown", "DeploymentResumed", "Deployment is resumed", at: now)
    }
  }
}

extension Conditions {
  /// Sets a Deployment's condition; status and reason unchanged means that nothing happens, not even to its times.
  mutating func update(_ type: String, _ status: String, _ reason: String, _ message: String, at now: Instant) {
    if let current = self[type], current.text("status") == status, current.text("reason") == reason { return }
    replace(
      [
        "type": .string(type), "status": .string(status), "reason": .string(reason), "message": .string(message),
        "lastUpdateTime": .string(now.rfc3339),
      ], at: now)
  }

  /// Sets Progressing with a new `lastUpdateTime`, from which the deadline counts.
  mutating func replaceProgressing(_ status: String, _ reason: String, _ message: String, at now: Instant) {
    replace(
      [
        "type": "Progressing", "status": .string(status), "reason": .string(reason), "message": .string(message),
        "lastUpdateTime": .string(now.rfc3339),
      ], at: now)
  }
}
