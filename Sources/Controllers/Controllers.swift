import Objects
import Reconciling

/// The controllers of a cluster.
public enum Controllers {
  /// - Parameter rootCA: the certificates, in PEM, that pods trust the API server by.
  /// - Parameter signCertificate: how requests for certificates are answered; nil where there is no authority.
  /// - Parameter usage: what pods use, for autoscalers; nil where nobody measures it.
  public static func all(
    rootCA: String, signCertificate: CertificateSigner? = nil, usage: (any UsageSource)? = nil
  ) -> [any Controller] {
    var result: [any Controller] = [
      NamespaceController(), ServiceAccountController(), RootCAController(bundle: rootCA),
      DeploymentController(), ReplicaSetController.replicaSets, ReplicaSetController.replicationControllers,
      GarbageCollector(), EndpointsController(), EndpointSliceController(), EndpointSliceMirroring(),
      NodeLifecycleController(), TaintEvictionController(), StatefulSetController(), DaemonSetController(),
      JobController(), CronJobController(), FinishedJobController(), DisruptionController(),
      ResourceQuotaController(), VolumeBinder(), SimulatedProvisioner(), VolumeExpander(),
      VolumeProtection(), HorizontalController(usage: usage),
      ClusterRoleAggregation(), SigningRequestCleaner(), NodeTimeToLive(), PodCollector(), TokenSecretController(),
      EventCollector(),
      BootstrapTokenCleaner(), EphemeralVolumes(), AttachDetach(), ResourceClaims(), ServiceAddressRepair(),
      ServiceRanges(), LoadBalancers(),
    ]
    if let signCertificate { result.append(SigningRequestSigner(sign: signCertificate)) }
    return result
  }

  /// What a stock API server does by itself, and no flag turns off.
  public static let ofServer: [any Controller] = [DefinitionController()]

  /// What all of them are called, whether or not they run here.
  public static let names = all(rootCA: "", signCertificate: { _, _ in "" }).map(\.name)
}
