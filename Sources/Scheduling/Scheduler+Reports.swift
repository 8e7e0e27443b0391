import JSONCore
import Objects
import Reconciling
import Values

/// What becomes of the node that a pod was promised.
enum Nomination: Sendable {
  case unchanged, cleared
  case set(String)
}

extension Scheduler {
  static func involved(_ pod: PodNeeds) -> JSON {
    [
      "apiVersion": "v1", "kind": "Pod", "namespace": .string(pod.key.namespace), "name": .string(pod.key.name),
      "uid": .string(pod.uid),
    ]
  }

  /// Says in the pod's conditions and in an event why it has no place.
  func report(_ pod: PodNeeds, reason: String, _ message: String, _ nomination: Nomination) async {
    guard let object = peer.snapshot[pod.key], object.uid == pod.uid else { return }
    let json = object.json
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    let before = conditions["PodScheduled"]
    conditions.set(
      "PodScheduled", "False", reason: reason, message: message, at: clock.now,
      extra: [("lastProbeTime", .null), ("observedGeneration", JSON(json.generation))])
    conditions.write(to: &status)
    switch nomination {
    case .unchanged: break
    case .cleared: status["nominatedNodeName"] = nil
    case .set(let node): status["nominatedNodeName"] = .string(node)
    }
    let isNews =
      before?.text("message") != message || before?.text("reason") != reason
      || status["nominatedNodeName"] != json["status"]?["nominatedNodeName"]
    if isNews, let action = Action.status(object, from: json["status"], to: status, isExact: true) {
      await attempt(action)
    }
    recorder.record(
      EventNote(Reference(object, json).asInvolved, .warning, "FailedScheduling", message, action: "Scheduling"),
      from: pod.schedulerName)
  }

  /// What fails here is only told, and not even that where the pod has changed or gone: a change brings it back to the
  /// scheduler anyway.
  func attempt(_ action: Action) async {
    do throws(Status) {
      _ = try await peer.perform(action.verb, as: Self.caller)
    } catch {
      if error.code == 409 || error.code == 404 { return }
      recorder.failures.report(Self.name, action.verb.summary, error, at: clock.now)
    }
  }

  /// A pod of higher priority gets the room that this one was promised.
  func withdrawNomination(_ pod: PodNeeds) async {
    guard let object = peer.snapshot[pod.key], object.uid == pod.uid else { return }
    let json = object.json
    guard var status = json["status"], status["nominatedNodeName"] != nil else { return }
    status["nominatedNodeName"] = nil
    if let action = Action.status(object, from: json["status"], to: status) {
      // Should this fail, the pod shows an old promise until it is tried again.
      await attempt(action)
    }
  }

  /// Asks the victims to leave, with their own grace.
  func evict(_ choice: Preemption.Choice, for pod: PodNeeds) async {
    for victim in choice.victims {
      guard let object = peer.snapshot[victim.key], object.uid == victim.uid else { continue }
      let json = object.json
      if json.isBeingDeleted { continue }
      var status = json["status"] ?? .emptyObject
      var conditions = Conditions(status)
      conditions.set(
        "DisruptionTarget", "True", reason: "PreemptionByScheduler",
        message: "\(pod.schedulerName): preempting to accommodate a higher priority pod", at: clock.now,
        extra: [("observedGeneration", JSON(json.generation))])
      conditions.write(to: &status)
      do throws(Status) {
        if let action = Action.status(object, from: json["status"], to: status) {
          _ = try await peer.perform(action.verb, as: Self.caller)
        }
        _ = try await peer.perform(.delete(object.key, Deletion(uid: object.uid)), as: Self.caller)
      } catch {
        // The preemptor finds out when it is tried again.
        recorder.failures.report(Self.name, "preempt \(object.key) for \(pod.key)", error, at: clock.now)
        continue
      }
      recorder.record(
        EventNote(
          Reference(object, json).asInvolved, "Preempted", "Preempted by pod \(pod.uid) on node \(choice.node)",
          action: "Preempting", related: Self.involved(pod)),
        from: pod.schedulerName)
    }
  }

  /// Writes into the claims of a pod what its node means for them.
  func writeClaims(_ binding: Binding) async throws(Status) {
    let snapshot = peer.snapshot
    for action in binding.volumes.actions(snapshot, node: binding.node) {
      _ = try await peer.perform(action.verb, as: Self.caller)
    }
    for name in binding.pod.devices {
      guard let claim = name.claim else { continue }
      let key = Key(.resourceClaims, namespace: binding.pod.key.namespace, name: claim)
      let allocation = binding.devices[key]
      if allocation != nil, let action = DeviceReservation.protection(key, peer.snapshot) {
        _ = try await peer.perform(action.verb, as: Self.caller)
      }
      if let action = DeviceReservation.reservation(key, allocation, for: binding.pod, peer.snapshot, at: clock.now) {
        _ = try await peer.perform(action.verb, as: Self.caller)
      }
    }
  }
}
