/// A volume at a place in the container's files.
public struct ContainerMount: Sendable {
  /// Without slashes at its ends, never empty.
  public var path: String
  public var volume: MountedVolume
  /// The file or folder of the volume that is mounted; "" for all of it.
  public var subPath = ""
  public var isReadOnly = false
  var medium = Medium.disk
  /// What there is room for, in bytes; nil: as on the node's disk.
  public var size: Int64?
  /// The group that its files belong to; nil: nobody's in particular.
  public var group: Int?

  enum Medium: Sendable {
    case disk
    case memory
  }

  /// What `df` and `mount` say of it.
  var device: String { medium == .disk ? "/dev/sda1" : "tmpfs" }
  var fileSystem: String { medium == .disk ? "ext4" : "tmpfs" }

  /// The volume's own folder, as it is made.
  var folder: FileEntry {
    let isProjected = volume.id == nil
    let bits: UInt16 = volume.isOfSystem ? 0o555 : isProjected ? 0o1777 : 0o777
    return .folder(FileMode(group == nil ? bits : bits | FileMode.setGroup), FileOwner(user: 0, group: group ?? 0))
  }
}

/// Where the files of a mounted volume come from.
public enum MountedVolume: Sendable {
  /// Kept by the runtime under an id; whoever mounts the same id sees the same files.
  case stored(String)
  /// Read-only, as they were when the container started: a ConfigMap through a subPath.
  case fixed(ProjectedFiles)
  /// Read-only and always new: ConfigMaps, Secrets, fields of the pod.
  case live(@Sendable () -> ProjectedFiles)
  /// What the kernel says when it is asked.
  case system(@Sendable () -> [String: String])

  var id: String? { if case .stored(let id) = self { id } else { nil } }
  var isOfSystem: Bool { if case .system = self { true } else { false } }
}
