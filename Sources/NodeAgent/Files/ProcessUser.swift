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

  /// As the security contexts of a container and its pod say, the first before the second; else as its image does.
  public init(pod: JSON, container: JSON) {
    let (shared, own) = (pod["securityContext"] ?? .emptyObject, container["securityContext"] ?? .emptyObject)
    id = own["runAsUser"]?.int ?? shared["runAsUser"]?.int ?? Self.usual(NonRootRule.holds(shared, own), container)
    group = own["runAsGroup"]?.int ?? shared["runAsGroup"]?.int ?? 0
    groups = shared.list("supplementalGroups").compactMap(\.int)
    if let files = shared["fsGroup"]?.int, !groups.contains(files) { groups.append(files) }
  }

  /// Who it is when nobody says it. Of an image that is not known and may not be root's one can only say that it is another's.
  private static func usual(_ mayNotBeRoot: Bool, _ container: JSON) -> Int {
    if case .number(let id) = ImageUser(container.text("image")) { return id }
    return mayNotBeRoot ? 1000 : 0
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
