import JSONCore
import Objects

extension Validation {
  /// All other groups.
  static let otherRules: [GroupResource: Rule] = [
    GroupResource("apps", "controllerrevisions"): Rule(
      object: { object, findings in
        if object["data"] == nil { findings.required("data", "data is mandatory") }
        findings.nonNegative("revision", object["revision"])
      }, update: { new, old, findings in findings.immutable("data", new: new["data"], old: old["data"]) }),
    GroupResource("autoscaling", "horizontalpodautoscalers"): AutoscalerRules.rule,
    GroupResource("policy", "poddisruptionbudgets"): DisruptionRules.budget,
    GroupResource("networking.k8s.io", "ingresses"): IngressRules.ingress,
    GroupResource("networking.k8s.io", "ingressclasses"): IngressRules.ingressClass,
    GroupResource("networking.k8s.io", "networkpolicies"): NetworkPolicyRules.rule,
    GroupResource("networking.k8s.io", "ipaddresses"): AddressRules.address,
    GroupResource("networking.k8s.io", "servicecidrs"): AddressRules.serviceBlock,
    GroupResource("storage.k8s.io", "csistoragecapacities"): CapacityRules.capacity,
    GroupResource("storage.k8s.io", "volumeattributesclasses"): CapacityRules.attributes,
    GroupResource("rbac.authorization.k8s.io", "roles"): RoleRules.role(isNamespaced: true),
    GroupResource("rbac.authorization.k8s.io", "clusterroles"): RoleRules.role(isNamespaced: false),
    GroupResource("rbac.authorization.k8s.io", "rolebindings"): RoleRules.binding(kinds: ["Role", "ClusterRole"]),
    GroupResource("rbac.authorization.k8s.io", "clusterrolebindings"): RoleRules.binding(kinds: ["ClusterRole"]),
    GroupResource("scheduling.k8s.io", "priorityclasses"): StorageRules.priorityClass,
    GroupResource("storage.k8s.io", "storageclasses"): StorageRules.storageClass,
    GroupResource("storage.k8s.io", "csidrivers"): DriverRules.driver,
    GroupResource("storage.k8s.io", "csinodes"): DriverRules.node,
    GroupResource("events.k8s.io", "events"): EventRules.event,
    GroupResource("flowcontrol.apiserver.k8s.io", "flowschemas"): FlowRules.schema,
    GroupResource("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"): FlowRules.level,
    GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicies"): AdmissionPolicyRules.policy,
    GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicybindings"): AdmissionPolicyRules.binding,
    GroupResource("admissionregistration.k8s.io", "mutatingadmissionpolicies"): AdmissionPolicyRules.mutatingPolicy,
    GroupResource("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"):
      AdmissionPolicyRules.mutatingBinding,
    GroupResource("storage.k8s.io", "volumeattachments"): StorageRules.volumeAttachment,
    GroupResource("discovery.k8s.io", "endpointslices"): SliceRules.rule,
    GroupResource("coordination.k8s.io", "leases"): CoordinationRules.lease,
    GroupResource("certificates.k8s.io", "certificatesigningrequests"): CoordinationRules.signingRequest,
    GroupResource("apiextensions.k8s.io", "customresourcedefinitions"): DefinitionRules.rule,
    GroupResource("node.k8s.io", "runtimeclasses"): RuntimeClassRules.rule,
    GroupResource("apiregistration.k8s.io", "apiservices"): ServiceGroupRules.rule,
    GroupResource("resource.k8s.io", "resourceclaims"): DeviceRules.claim,
    GroupResource("resource.k8s.io", "resourceclaimtemplates"): DeviceRules.template,
    GroupResource("resource.k8s.io", "deviceclasses"): DeviceRules.deviceClass,
    GroupResource("resource.k8s.io", "resourceslices"): DeviceRules.slice,
    GroupResource("admissionregistration.k8s.io", "validatingwebhookconfigurations"): WebhookRules.rule,
    GroupResource("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): WebhookRules.rule,
  ]
}
