import JSONCore
import Objects
import Reconciling

/// Whom a process runs as.
public struct ProcessUser: Sendable, Equatable {
  public static let root = ProcessUser()

  public var id = 0
  public var group = 0
  /// Beside its own: those of the pod, with the one that its volumes belong to.
  public var groups: [Int] = []

  public init() {}

  /// As the security contexts of a container and its pod say, the first before the second; root where they say nothing.
  public init(pod: JSON, container: JSON) {
    let (shared, own) = (pod["securityContext"] ?? .emptyObject, container["securityContext"] ?? .emptyObject)
    id = own["runAsUser"]?.int ?? shared["runAsUser"]?.int ?? 0
    group = own["runAsGroup"]?.int ?? shared["runAsGroup"]?.int ?? 0
    groups = shared.list("supplementalGroups").compactMap(\.int)
    if let files = shared["fsGroup"]?.int, !groups.contains(files) { groups.append(files) }
  }

  var owner: FileOwner { FileOwner(user: id, group: group) }
  func isIn(_ group: Int) -> Bool { group == self.group || groups.contains(group) }

  enum Wish: UInt16 {
    case read = 4
    case write = 2
    case run = 1
  }

  func may(_ wish: Wish, _ entry: FileEntry) -> Bool {
    if id == 0 { return wish != .run || entry.isFolder || entry.mode.rawValue & 0o111 != 0 }
    let bits = entry.mode.permissions
    let mine = entry.owner.user == id ? bits >> 6 : isIn(entry.owner.group) ? bits >> 3 : bits
    return mine & wish.rawValue != 0
  }
}
