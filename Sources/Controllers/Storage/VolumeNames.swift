import Objects
import Reconciling

/// The annotations and finalizers by which binder, provisioner and scheduler speak with one another.
enum VolumeNames {
  static let bindCompleted = "pv.kubernetes.io/bind-completed"
  static let boundByController = "pv.kubernetes.io/bound-by-controller"
  static let provisionedBy = "pv.kubernetes.io/provisioned-by"
  static let selectedNode = "volume.kubernetes.io/selected-node"
  static let storageProvisioner = "volume.kubernetes.io/storage-provisioner"
  static let storageProvisionerBeta = "volume.beta.kubernetes.io/storage-provisioner"
  static let storageClassBeta = "volume.beta.kubernetes.io/storage-class"
  static let provisionerFinalizer = "external-provisioner.volume.kubernetes.io/finalizer"
  static let claimFinalizer = "kubernetes.io/pvc-protection"
  static let volumeFinalizer = "kubernetes.io/pv-protection"
  static let attributesClassFinalizer = "kubernetes.io/vac-protection"
  static let attachmentFinalizer = "external-attacher"
  /// A class of this provisioner takes volumes that somebody has made by hand.
  static let noProvisioner = "kubernetes.io/no-provisioner"
  /// Classes of this provisioner get their volumes from this process.
  static let simulated = "swiftlet.dev/simulated"
}

extension GroupResource {
  static let volumeAttributesClasses = GroupResource("storage.k8s.io", "volumeattributesclasses")
  static let volumeAttachments = GroupResource("storage.k8s.io", "volumeattachments")
  static let drivers = GroupResource("storage.k8s.io", "csidrivers")
}
