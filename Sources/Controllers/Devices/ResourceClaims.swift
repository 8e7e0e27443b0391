import JSONCore
import Objects
import Reconciling
import Values

/// Makes the resource claims of pods from templates, and lets go of what finished pods had reserved. Keys are pods and
/// claims.
public struct ResourceClaims: Controller {
  public let name = "resourceclaim-controller"
  public let eventSource = "resource_claim"

  static let podClaim = "resource.kubernetes.io/pod-claim-name"
  private static let finalizer = "resource.kubernetes.io/delete-protection"
  /// At most so many pods share a claim.
  private static let shareLimit = 256

  public init() {}

  public var watches: [Watch] {
    [
      Watch(.pods) { change, snapshot in
        guard PodFacts(change.object).hasDevices else { return [] }
        let claims = change.object.spec?.member("resourceClaims")?.decoded() ?? .array([])
        let named = (claims.array ?? []).compactMap { $0["resourceClaimName"]?.string }
        let made = snapshot.dependents(of: change.object.uid).filter { $0.key.resource == .resourceClaims }.map(\.name)
        return [change.object.key]
          + (named + made).map { Key(.resourceClaims, namespace: change.object.namespace, name: $0) }
      },
      .each(.resourceClaims), .owned(.resourceClaims, by: .pods),
      Watch(.resourceClaimTemplates) { change, snapshot in
        if change.kind == .deleted { return [] }
        return snapshot.objects(.pods, namespace: change.object.namespace).filter { PodFacts($0).hasDevices }.map(\.key)
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    return key.resource == .pods
      ? Self.pod(object, object.json, snapshot) : Self.claim(object, object.json, snapshot)
  }

  // MARK: Pods

  private static func pod(_ pod: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan {
    let facts = PodFacts(pod)
    if facts.isBeingDeleted || facts.isTerminal { return .nothing }
    let reference = Reference(pod, json)
    let own = snapshot.dependents(of: pod.uid).filter { $0.key.resource == .resourceClaims }
    var statuses: [JSON] = []
    var plan = Plan()
    for entry in json["spec"]?.list("resourceClaims") ?? [] {
      guard let template = entry["resourceClaimTemplateName"]?.string else { continue }
      let name = entry.text("name")
      if let made = own.first(where: { $0.json.annotation(podClaim) == name }) {
        statuses.append(["name": .string(name), "resourceClaimName": .string(made.name)])
        continue
      }
      let key = Key(.resourceClaimTemplates, namespace: pod.namespace, name: template)
      guard let source = snapshot[key]?.json else {
        let message =
          "PodResourceClaim \(name): resource claim template \"\(template)\": "
          + "resourceclaimtemplate.resource.k8s.io \"\(template)\" not found"
        plan.then([.record(EventNote(reference.asInvolved, .warning, "FailedResourceClaimCreation", message))])
        continue
      }
      plan.then([.create(.resourceClaims, Self.made(name, source, reference))])
    }
    // Claims that are about to be made are named by the next look.
    guard plan.isEmpty else { return plan }
    if !facts.nodeName.isEmpty { plan.then(reservations(pod, json, statuses, snapshot)) }
    if statuses.isEmpty { return plan }
    var status = json["status"] ?? .emptyObject
    status["resourceClaimStatuses"] = .array(statuses)
    plan.then(Action.status(pod, from: json["status"], to: status))
    return plan
  }

  /// A pod that came to its node without the scheduler uses claims that nobody has kept for it: those that have devices.
  private static func reservations(
    _ pod: Object, _ json: JSON, _ statuses: [JSON], _ snapshot: Snapshot
  ) -> [Action] {
    let named = (json["spec"]?.list("resourceClaims") ?? []).compactMap { $0["resourceClaimName"]?.string }
    return (named + statuses.map { $0.text("resourceClaimName") }).compactMap { name in
      guard let claim = snapshot[Key(.resourceClaims, namespace: pod.namespace, name: name)] else { return nil }
      let before = claim.json["status"]
      let users = before?.list("reservedFor") ?? []
      if before?["allocation"] == nil || users.count >= shareLimit { return nil }
      if users.contains(where: { $0.text("uid") == pod.uid }) { return nil }
      var status = before ?? .emptyObject
      status["reservedFor"] = .array(
        users + [["resource": "pods", "name": .string(pod.name), "uid": .string(pod.uid)]])
      return Action.status(claim, from: before, to: status, isExact: true)
    }
  }

  private static func made(_ name: String, _ template: JSON, _ pod: Reference) -> JSON {
    var metadata = template.at("spec", "metadata") ?? .emptyObject
    metadata["annotations", default: .emptyObject][podClaim] = .string(name)
    metadata["generateName"] = .string("\(pod.name)-\(name)-")
    metadata["namespace"] = .string(pod.namespace)
    metadata["ownerReferences"] = [pod.asController]
    return [
      "apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim", "metadata": metadata,
      "spec": template.at("spec", "spec") ?? .emptyObject,
    ]
  }

  // MARK: Claims

  private static func claim(_ claim: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan {
    let reserved = json["status"]?.list("reservedFor") ?? []
    let valid = reserved.filter { entry in
      guard entry.text("apiGroup").isEmpty, entry.text("resource") == "pods" else { return true }
      let key = Key(.pods, namespace: claim.namespace, name: entry.text("name"))
      guard let pod = snapshot[key], pod.uid == entry.text("uid") else { return false }
      let facts = PodFacts(pod)
      // A pod that was never placed has nothing to end.
      return !facts.isTerminal && !(facts.isBeingDeleted && facts.nodeName.isEmpty)
    }
    var plan = Plan()
    var status = json["status"] ?? .emptyObject
    status["reservedFor"] = valid.isEmpty ? nil : .array(valid)
    if valid.isEmpty, !reserved.isEmpty || json.isBeingDeleted { status["allocation"] = nil }
    plan.then(Action.status(claim, from: json["status"], to: status, isExact: true))
    if valid.isEmpty, status["allocation"] == nil, plan.isEmpty, json.isBeingDeleted || owner(json, snapshot) != nil {
      plan.then(Finalizers.removal(of: finalizer, from: claim, json))
    }
    if plan.isEmpty, !json.isBeingDeleted, let pod = owner(json, snapshot), pod.isTerminal {
      plan.then([.delete(claim.key, Deletion(uid: claim.uid))])
    }
    return plan
  }

  /// The pod that a claim was made for.
  private static func owner(_ claim: JSON, _ snapshot: Snapshot) -> PodFacts? {
    guard let owner = claim.controllerReference, owner.text("kind") == "Pod" else { return nil }
    return snapshot.object(uid: owner.text("uid")).map(PodFacts.init)
  }
}

extension GroupResource {
  static let resourceClaims = GroupResource("resource.k8s.io", "resourceclaims")
  static let resourceSlices = GroupResource("resource.k8s.io", "resourceslices")
  static let resourceClaimTemplates = GroupResource("resource.k8s.io", "resourceclaimtemplates")
}
