/// The files of volumes by the volumes' ids. What an id begins with, up to its second slash, says who it belongs to:
/// `pod/UID`, `host/NODE`, `claim/NAMESPACE`; so what belongs to one is forgotten without a look at all the others.
struct VolumeFiles: Sendable {
  private var trees: [Substring: [String: FileTree]] = [:]
  private(set) var count = 0
  /// The claims whose files have changed since somebody looked.
  var changed: Set<String> = []

  subscript(id: String) -> FileTree? { trees[Self.owner(id)]?[id] }

  /// The files of a volume that nobody has written to.
  static func fresh(_ id: String) -> FileTree {
    guard id.hasPrefix("host/"), let node = id.split(separator: "/").last else { return FileTree() }
    return FileTree([
      "etc/hostname": node + "\n", "etc/hosts": "127.0.0.1\tlocalhost\n",
      "etc/os-release": "NAME=\"Swiftlet (simulated)\"\nID=swiftlet\n", "etc/machine-id": "swiftlet-\(node)\n",
    ])
  }

  subscript(id: String, default fallback: @autoclosure () -> FileTree) -> FileTree {
    get { self[id] ?? fallback() }
    _modify {
      let owner = Self.owner(id)
      if trees[owner]?[id] == nil { count += 1 }
      if VolumeID.isClaim(id) { changed.insert(id) }
      yield &trees[owner, default: [:]][id, default: fallback()]
    }
  }

  /// Of all files of all volumes.
  var bytes: Int { trees.values.reduce(0) { $1.values.reduce($0) { $0 + $1.bytes } } }

  /// Puts back what was kept elsewhere.
  mutating func restore(_ id: String, _ tree: FileTree) {
    if self[id] == nil { count += 1 }
    trees[Self.owner(id), default: [:]][id] = tree
  }

  mutating func remove(_ id: String) {
    let owner = Self.owner(id)
    guard trees[owner]?.removeValue(forKey: id) != nil else { return }
    count -= 1
    if trees[owner]?.isEmpty == true { trees[owner] = nil }
  }

  /// - Parameter owner: `pod/UID`
  mutating func removeAll(of owner: String) { count -= trees.removeValue(forKey: owner[...])?.count ?? 0 }

  private static func owner(_ id: String) -> Substring {
    guard let first = id.firstIndex(of: "/") else { return id[...] }
    return id[..<(id[id.index(after: first)...].firstIndex(of: "/") ?? id.endIndex)]
  }
}

/// The ids of volumes.
enum VolumeID {
  /// Lives as long as its pod.
  static func pod(_ uid: String, _ name: String) -> String { "\(owner(pod: uid))/\(name)" }
  static func owner(pod uid: String) -> String { "pod/\(uid)" }

  /// Lives as long as its claim; one that is made anew under an old name begins empty.
  static func claim(_ namespace: String, _ uid: String) -> String { "claim/\(namespace)/\(uid)" }

  static func isClaim(_ id: String) -> Bool { id.hasPrefix("claim/") }

  /// All files of a node, which live as long as it.
  static func host(_ node: String) -> String { "\(owner(node: node))/" }
  static func owner(node: String) -> String { "host/\(node)" }
}

extension SimulatedRuntime {
  /// Folders of volumes that are mounted by themselves are there before the program is.
  func makeSubPaths(_ mounts: [ContainerMount]) {
    for mount in mounts where !mount.subPath.isEmpty {
      guard let id = mount.volume.id else { continue }
      let tree = state.value.volumes[id] ?? VolumeFiles.fresh(id)
      if !tree.exists(mount.subPath) { state.value.volumes[id, default: tree].makeDirectory(mount.subPath) }
    }
  }
}
