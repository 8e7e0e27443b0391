import JSONCore

/// Defaults that depend on the values of other fields.
enum ConditionalDefaults {
  /// Sees an object of its type with its parts already decoded and their defaults set.
  typealias Rule = @Sendable (inout JSON) -> Void

  /// By the published name of the type.
  static let table: [String: Rule] = [
    "io.k8s.api.apps.v1.DaemonSetUpdateStrategy": setDaemonSetUpdateStrategy,
    "io.k8s.api.apps.v1.DeploymentStrategy": setDeploymentStrategy,
    "io.k8s.api.apps.v1.StatefulSet": setStatefulSet,
    "io.k8s.api.apps.v1.StatefulSetUpdateStrategy": setStatefulSetUpdateStrategy,
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler": setHorizontalPodAutoscaler,
    "io.k8s.api.batch.v1.Job": setJob,
    "io.k8s.api.core.v1.Container": setContainer,
    "io.k8s.api.core.v1.EphemeralContainer": setContainer,
    "io.k8s.api.core.v1.ImageVolumeSource": setImageVolume,
    "io.k8s.api.core.v1.LimitRangeItem": setLimitRangeItem,
    "io.k8s.api.core.v1.NodeSpec": setNodeSpec,
    "io.k8s.api.core.v1.NodeStatus": setNodeStatus,
    "io.k8s.api.core.v1.Pod": setPod,
    "io.k8s.api.core.v1.PodSpec": setPodSpec,
    "io.k8s.api.core.v1.PodStatus": setPodStatus,
    "io.k8s.api.core.v1.ReplicationController": setReplicationController,
    "io.k8s.api.core.v1.Service": setService,
    "io.k8s.api.core.v1.ServicePort": setServicePort,
    "io.k8s.api.core.v1.Volume": setVolume,
    "io.k8s.api.networking.v1.NetworkPolicySpec": setNetworkPolicySpec,
    "io.k8s.api.rbac.v1.Subject": setSubject,
    "io.k8s.api.resource.v1.DeviceSubRequest": setDeviceRequest,
    "io.k8s.api.resource.v1.ExactDeviceRequest": setDeviceRequest,
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames": setResourceNames,
  ]
}

extension JSON {
  /// Sets a member that is absent.
  mutating func setDefault(_ key: String, _ value: @autoclosure () -> JSON) {
    if self[key] == nil { self[key] = value() }
  }

  /// Replaces each element of the list at a key; nothing happens where there is none.
  mutating func modifyList(_ key: String, _ body: (inout JSON) -> Void) {
    guard case .array(var elements)? = self[key] else { return }
    self[key] = .null
    for index in elements.indices { body(&elements[index]) }
    self[key] = .array(elements)
  }
}
