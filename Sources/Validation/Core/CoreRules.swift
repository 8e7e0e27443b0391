import JSONCore
import Objects

extension Validation {
  /// The rest of the core group.
  static let coreRules: [GroupResource: Rule] = [
    GroupResource("", "configmaps"): ConfigRules.configMap,
    GroupResource("", "secrets"): ConfigRules.secret,
    GroupResource("", "services"): ServiceRules.rule,
    GroupResource("", "endpoints"): EndpointsRules.endpoints,
    GroupResource("", "events"): EventRules.coreEvent,
    GroupResource("", "limitranges"): LimitRules.limitRange,
    GroupResource("", "resourcequotas"): QuotaRules.resourceQuota,
    GroupResource("", "namespaces"): Rule(name: Names.label),
    GroupResource("", "nodes"): NodeRules.rule,
    GroupResource("", "persistentvolumes"): VolumeRules.rule,
    GroupResource("", "persistentvolumeclaims"): ClaimRules.rule,
    GroupResource("", "serviceaccounts"): Rule(),
  ]
}
