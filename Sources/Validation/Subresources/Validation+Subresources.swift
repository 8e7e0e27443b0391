import JSONCore
import Objects

extension Validation {
  typealias Change = @Sendable (_ new: JSON, _ old: JSON, inout Findings) -> Void

  /// What a write to a subresource has to keep to, by `resource.group/subresource`.
  static let subresourceRules = clusterStatusRules.merging(workloadStatusRules) { first, _ in first }

  private static let clusterStatusRules: [String: Change] = [
    "pods/status": PodStatusRules.status,
    "pods/ephemeralcontainers": PodStatusRules.ephemeralContainers,
    "pods/resize": PodStatusRules.resize,
    "certificatesigningrequests.certificates.k8s.io/approval": SigningRequestStatusRules.approval,
    "certificatesigningrequests.certificates.k8s.io/status": SigningRequestStatusRules.status,
    "services/status": { new, old, findings in
      findings.loadBalancer(new, modes: ["Proxy", "VIP"])
    },
    "ingresses.networking.k8s.io/status": { new, old, findings in findings.loadBalancer(new, modes: nil) },
    "nodes/status": { new, old, findings in
      NodeRules.change(new, old, &findings)
      NodeRules.amounts(new, &findings)
    },
    "namespaces/status": { new, old, findings in
      let phase = new["status"]?.text("phase") ?? ""
      let isGoing = new["metadata"]?["deletionTimestamp"] != nil
      if phase != (isGoing ? "Terminating" : "Active") {
        findings.invalid(
          "status.Phase", .string(phase),
          isGoing
            ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
            : "may only be 'Active' if `deletionTimestamp` is empty")
      }
    },
    "namespaces/finalize": { new, old, findings in
      findings.finalizers(new["spec"]?["finalizers"], "spec.finalizers")
    },
    "persistentvolumeclaims/status": { new, old, findings in
      if new["spec"]?.list("accessModes").isEmpty != false { findings.required("Spec.accessModes") }
      for (name, value) in new["status"]?["capacity"]?.object ?? Members() {
        if let amount = Quantity(value), amount < .zero {
          findings.invalid(
            Path("status.capacity").key(name), .string(amount.description), "must be a valid resource quantity")
        }
      }
    },
    "resourcequotas/status": { new, old, findings in
      for field in ["hard", "used"] {
        for (name, value) in new["status"]?[field]?.object ?? Members() {
          QuotaRules.bound(name, value, Path("status").child(field).key(name), &findings)
        }
      }
    },
    "poddisruptionbudgets.policy/status": { new, old, findings in
      findings.conditions(new["status"]?["conditions"], "status.conditions")
      findings.counts(new, ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"])
    },
    "horizontalpodautoscalers.autoscaling/status": { new, old, findings in
      findings.counts(new, ["currentReplicas", "desiredReplicas"])
    },
  ]

  private static let workloadStatusRules: [String: Change] = [
    "deployments.apps/status": { new, old, findings in
      findings.counts(
        new,
        [
          "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas",
          "unavailableReplicas", "terminatingReplicas", "collisionCount",
        ])
      findings.atMost(new, ["updatedReplicas", "readyReplicas", "availableReplicas"], "replicas", "status.replicas")
      findings.atMost(new, ["availableReplicas"], "readyReplicas", "readyReplicas")
    },
    "replicasets.apps/status": replicas,
    "replicationcontrollers/status": replicas,
    "statefulsets.apps/status": { new, old, findings in
      findings.counts(
        new,
        [
          "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "observedGeneration", "collisionCount",
          "availableReplicas",
        ])
      findings.atMost(
        new, ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"], "replicas", "status.replicas"
      )
      findings.atMost(new, ["availableReplicas"], "readyReplicas", "status.readyReplicas")
    },
    "daemonsets.apps/status": { new, old, findings in
      findings.counts(
        new,
        [
          "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady",
          "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount",
        ])
    },
    "jobs.batch/status": { new, old, findings in
      findings.counts(new, ["active", "succeeded", "failed", "terminating", "ready"])
    },
  ]

  private static let replicas: Change = { new, old, findings in
    findings.counts(
      new,
      [
        "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "terminatingReplicas",
        "observedGeneration",
      ])
    findings.atMost(
      new, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"], "replicas", "status.replicas")
    findings.atMost(new, ["availableReplicas"], "readyReplicas", "readyReplicas")
  }
}
