import JSONCore

extension ConditionalDefaults {
  @Sendable static func setDeploymentStrategy(_ strategy: inout JSON) {
    guard strategy.text("type") == "RollingUpdate" else { return }
    strategy.setDefault("rollingUpdate", ["maxSurge": "25%", "maxUnavailable": "25%"])
  }

  @Sendable static func setDaemonSetUpdateStrategy(_ strategy: inout JSON) {
    guard strategy.text("type") == "RollingUpdate" else { return }
    strategy.setDefault("rollingUpdate", ["maxSurge": 0, "maxUnavailable": 1])
  }

  @Sendable static func setStatefulSetUpdateStrategy(_ strategy: inout JSON) {
    guard strategy.text("type") == "RollingUpdate" else { return }
    strategy.setDefault("rollingUpdate", ["partition": 0])
  }

  /// Claims in a template are whole objects and say so.
  @Sendable static func setStatefulSet(_ set: inout JSON) {
    guard var spec = set["spec"] else { return }
    set["spec"] = nil
    spec.modifyList("volumeClaimTemplates") { claim in
      claim.setDefault("apiVersion", "v1")
      claim.setDefault("kind", "PersistentVolumeClaim")
    }
    set["spec"] = spec
  }

  /// Labels and selector come from the template where they are missing.
  @Sendable static func setReplicationController(_ controller: inout JSON) {
    guard let labels = controller.at("spec", "template", "metadata", "labels") else { return }
    controller["spec"]?.setDefault("selector", labels)
    controller["metadata"]?.setDefault("labels", labels)
  }

  @Sendable static func setJob(_ job: inout JSON) {
    if let labels = job.at("spec", "template", "metadata", "labels") { job["metadata"]?.setDefault("labels", labels) }
    guard var spec = job["spec"] else { return }
    job["spec"] = nil
    // Without either number a job runs one pod; with parallelism alone it is a work queue.
    if spec["parallelism"] == nil { spec.setDefault("completions", 1) }
    spec.setDefault("parallelism", 1)
    let isLimitedPerIndex = spec["backoffLimitPerIndex"] != nil
    spec.setDefault("backoffLimit", isLimitedPerIndex ? JSON(Int(Int32.max)) : 6)
    spec.setDefault("completionMode", "NonIndexed")
    spec.setDefault("suspend", false)
    spec.setDefault("manualSelector", false)
    let hasFailurePolicy = spec["podFailurePolicy"] != nil
    spec.setDefault("podReplacementPolicy", hasFailurePolicy ? "Failed" : "TerminatingOrFailed")
    spec["podFailurePolicy"]?.modifyList("rules") { rule in
      rule.modifyList("onPodConditions") { if $0.text("status").isEmpty { $0["status"] = "True" } }
    }
    job["spec"] = spec
  }
}
