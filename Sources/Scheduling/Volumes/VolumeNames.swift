import JSONCore
import Objects
import Reconciling

/// A claim that one of a pod's volumes refers to.
struct VolumeClaimName: Sendable, Hashable {
  let name: String
  /// Made for the pod, and for it alone.
  let isEphemeral: Bool

  init?(_ volume: JSON, pod: String) {
    if let name = volume.at("persistentVolumeClaim", "claimName")?.string {
      self.name = name
      isEphemeral = false
    } else if volume["ephemeral"] != nil {
      name = "\(pod)-\(volume.text("name"))"
      isEphemeral = true
    } else {
      return nil
    }
  }

  func key(in namespace: String) -> Key { Key(.persistentVolumeClaims, namespace: namespace, name: name) }
}

/// A disk that a volume names directly, and that cannot be on a node for several pods as they like.
struct Disk: Sendable, Hashable {
  let identity: String
  /// Several pods of a node may read it.
  let isShareable: Bool

  init?(_ volume: JSON) {
    if let disk = volume["gcePersistentDisk"] {
      identity = "gce:\(disk.text("pdName"))"
      isShareable = disk["readOnly"]?.bool == true
    } else if let disk = volume["awsElasticBlockStore"] {
      identity = "aws:\(disk.text("volumeID"))"
      isShareable = false
    } else if let disk = volume["iscsi"] {
      identity = "iscsi:\(disk.text("iqn"))"
      isShareable = disk["readOnly"]?.bool == true
    } else if let disk = volume["rbd"] {
      identity = "rbd:\(disk.text("pool"))/\(disk.text("image"))"
      isShareable = disk["readOnly"]?.bool == true
    } else {
      return nil
    }
  }

  func collides(with other: Disk) -> Bool { identity == other.identity && !(isShareable && other.isShareable) }
}

extension GroupResource {
  static let csiNodes = GroupResource("storage.k8s.io", "csinodes")
  static let csiDrivers = GroupResource("storage.k8s.io", "csidrivers")
  static let csiStorageCapacities = GroupResource("storage.k8s.io", "csistoragecapacities")
  static let resourceClaims = GroupResource("resource.k8s.io", "resourceclaims")
  static let resourceSlices = GroupResource("resource.k8s.io", "resourceslices")
  static let deviceClasses = GroupResource("resource.k8s.io", "deviceclasses")
}

/// What pods on their way to a node have been promised, until the cluster says so itself.
struct Reservations: Sendable {
  /// The claim that each volume is kept for, by the volume's name.
  var volumes: [String: Key] = [:]
  /// The allocation of each claim of devices.
  var devices: [Key: DeviceAllocation] = [:]
}
