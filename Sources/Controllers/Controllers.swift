import Objects
import Reconciling

/// The controllers of a cluster.
public enum Controllers {
  /// - Parameter rootCA: the certificates, in PEM, that pods trust the API server by.
  /// - Parameter signCertificate: how requests for certificates are answered; nil where there is no authority.
  /// - Parameter requests: by what requests of kubelets are approved; nil where nobody decides.
  /// - Parameter signText: how `cluster-info` is signed with bootstrap tokens; nil where it is not.
  /// - Parameter usage: what pods use, for autoscalers; nil where nobody measures it.
  public static func all(
    rootCA: String, signCertificate: CertificateSigner? = nil, requests: KubeletRequests? = nil,
    signText: TextSigner? = nil, usage: (any UsageSource)? = nil
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
      ServiceRanges(), LoadBalancers(), LegacyTokenCleaner(), DeviceTaintEviction(),
      AdmissionPolicyStatus(),
    ]
    if let requests { result.append(SigningRequestApprover(requests: requests)) }
    if let signText { result.append(BootstrapSigner(sign: signText)) }
    if let signCertificate { result.append(SigningRequestSigner(sign: signCertificate)) }
    return result
  }

  /// What a stock API server does by itself, and no flag turns off.
  public static let ofServer: [any Controller] = [DefinitionController()]

  /// What all of them are called, whether or not they run here.
  public static let names = all(
    rootCA: "", signCertificate: { _, _ in "" },
    requests: KubeletRequests(commonName: { _ in nil }, mayCreate: { _, _ in false }), signText: { _, _, _ in "" }
  ).map(\.name)
}
