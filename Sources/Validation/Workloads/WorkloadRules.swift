import Objects

extension Validation {
  /// Pods and what makes pods.
  static let workloadRules: [GroupResource: Rule] = [
    GroupResource("", "pods"): PodRules.rule,
    GroupResource("", "podtemplates"): Rule(object: { object, findings in
      findings.template(object["template"], "template")
    }),
    GroupResource("", "replicationcontrollers"): DeploymentRules.replicationController,
    GroupResource("apps", "deployments"): DeploymentRules.deployment,
    GroupResource("apps", "replicasets"): DeploymentRules.replicaSet,
    GroupResource("apps", "statefulsets"): StatefulSetRules.statefulSet,
    GroupResource("apps", "daemonsets"): StatefulSetRules.daemonSet,
    GroupResource("batch", "jobs"): JobRules.job,
    GroupResource("batch", "cronjobs"): JobRules.cronJob,
  ]
}
