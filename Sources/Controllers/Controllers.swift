import Reconciling

/// The controllers of a cluster.
public enum Controllers {
  /// - Parameter rootCA: the certificates, in PEM, that pods trust the API server by.
  public static func all(rootCA: String) -> [any Controller] {
    [
      NamespaceController(), ServiceAccountController(), RootCAController(bundle: rootCA),
      DeploymentController(), ReplicaSetController.replicaSets, ReplicaSetController.replicationControllers,
      GarbageCollector(), EndpointsController(), EndpointSliceController(), EndpointSliceMirroring(),
      NodeLifecycleController(), TaintEvictionController(), StatefulSetController(), DaemonSetController(),
      JobController(), CronJobController(), FinishedJobController(), DisruptionController(),
      ResourceQuotaController(), VolumeBinder(), VolumeProtection(), HorizontalController(),
    ]
  }
}
