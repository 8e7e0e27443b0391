import JSONCore
import Objects

/// What of the cluster a pod's spec refers to.
struct PodReferences {
  var hasSecrets = false
  var hasConfigMaps = false
  var hasTrustBundles = false
  var hasClaims = false

  /// Volumes whose drivers take a secret.
  private static let secretVolumes = ["cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"]

  init(_ spec: JSON) {
    hasSecrets = !spec.list("imagePullSecrets").isEmpty
    for list in ["initContainers", "containers", "ephemeralContainers"] {
      for container in spec.list(list) { note(container) }
    }
    for volume in spec.list("volumes") { note(volume: volume) }
  }

  private mutating func note(_ container: JSON) {
    let sources = container.list("envFrom") + container.list("env").compactMap { $0["valueFrom"] }
    for source in sources {
      if source["secretRef"] != nil || source["secretKeyRef"] != nil { hasSecrets = true }
      if source["configMapRef"] != nil || source["configMapKeyRef"] != nil { hasConfigMaps = true }
    }
  }

  private mutating func note(volume: JSON) {
    for source in [volume] + (volume["projected"]?.list("sources") ?? []) {
      if source["secret"] != nil { hasSecrets = true }
      if source["configMap"] != nil { hasConfigMaps = true }
      if source["clusterTrustBundle"] != nil { hasTrustBundles = true }
    }
    if volume["persistentVolumeClaim"] != nil { hasClaims = true }
    if volume["azureFile"] != nil || volume["csi"]?["nodePublishSecretRef"] != nil
      || Self.secretVolumes.contains(where: { volume[$0]?["secretRef"] != nil })
    {
      hasSecrets = true
    }
  }
}
