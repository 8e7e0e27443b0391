import JSONCore
import Objects
import Reconciling

/// The claims of a StatefulSet's pods: made before the pod, kept when it goes, unless the policy says otherwise.
extension StatefulSetRun {
  var claimTemplates: [(name: String, json: JSON)] {
    spec.list("volumeClaimTemplates").map { ($0["metadata"]?.text("name") ?? "", $0) }
  }

  func claimName(_ template: String, _ ordinal: Int) -> String { "\(template)-\(podName(ordinal))" }

  private func claimKey(_ template: String, _ ordinal: Int) -> Key {
    Key(.persistentVolumeClaims, namespace: workload.namespace, name: claimName(template, ordinal))
  }

  func missingClaims(_ ordinal: Int) -> [Action] {
    claimTemplates.filter { workload.snapshot[claimKey($0.name, ordinal)] == nil }.map { creation(of: $0, ordinal) }
  }

  private func creation(of template: (name: String, json: JSON), _ ordinal: Int) -> Action {
    let name = claimName(template.name, ordinal)
    var metadata = template.json["metadata"] ?? .emptyObject
    metadata["name"] = .string(name)
    metadata["namespace"] = .string(workload.namespace)
    for (key, value) in spec.at("selector", "matchLabels")?.object ?? Members() {
      metadata["labels", default: .emptyObject][key] = value
    }
    if goes("whenDeleted") { metadata["ownerReferences"] = [workload.reference.asController] }
    let claim: JSON = [
      "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata,
      "spec": template.json["spec"] ?? .emptyObject,
    ]
    return .create(
      .persistentVolumeClaims, claim,
      event: workload.note(
        "SuccessfulCreate",
        "create Claim \(name) Pod \(podName(ordinal)) in StatefulSet \(workload.name) success"))
  }

  /// A claim that goes with a pod of this name that is gone already: the next pod must not be tied to it.
  func hasStaleClaim(_ ordinal: Int) -> Bool {
    claimTemplates.contains { template in
      guard let claim = workload.snapshot[claimKey(template.name, ordinal)]?.json else { return false }
      return claim.isBeingDeleted || owners(of: claim).contains { isPod($0, podName(ordinal)) }
    }
  }

  private func goes(_ moment: String) -> Bool {
    spec.at("persistentVolumeClaimRetentionPolicy", moment)?.string == "Delete"
  }

  /// Makes the owners of a pod's claims what the policy wants: a claim goes with the set, or with the pod that is
  /// scaled away, or with neither. Claims that somebody else controls are left alone.
  func ties(of ordinal: Int, to pod: PodFacts, isCondemned: Bool) -> [Action] {
    let goesWithPod = isCondemned && goes("whenScaled")
    let goesWithSet = goes("whenDeleted") && !goesWithPod
    return claimTemplates.compactMap { template in
      guard let claim = workload.snapshot[claimKey(template.name, ordinal)] else { return nil }
      // Most claims have no owner and need none.
      if claim.owners.isEmpty && !goesWithPod && !goesWithSet { return nil }
      let present = owners(of: claim.json)
      var wanted = present.filter { !isPod($0, pod.name) && $0.text("uid") != workload.object.uid }
      if wanted.contains(where: { $0["controller"]?.bool == true }) { return nil }
      if goesWithPod { wanted.append(Reference(pod.object, ["apiVersion": "v1", "kind": "Pod"]).asController) }
      if goesWithSet { wanted.append(workload.reference.asController) }
      if Set(wanted.map { $0.text("uid") }) == Set(claim.owners) { return nil }
      return .patch(
        claim.key,
        [
          "metadata": [
            "uid": .string(claim.uid), "resourceVersion": .string(String(claim.revision)),
            "ownerReferences": wanted.isEmpty ? .null : .array(wanted),
          ]
        ])
    }
  }

  private func owners(of claim: JSON) -> [JSON] { claim["metadata"]?.list("ownerReferences") ?? [] }

  private func isPod(_ owner: JSON, _ name: String) -> Bool {
    owner.text("kind") == "Pod" && owner.text("name") == name
  }
}
