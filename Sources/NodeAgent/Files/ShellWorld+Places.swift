import Values

/// Which of the files around a process a path means.
extension ShellWorld {
  /// The most links that lead to one another.
  private static let linkLimit = 32

  /// Folders that every image has.
  static let usualFolders = [
    "bin", "data", "dev", "dev/shm", "etc", "home", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp", "usr",
    "usr/bin", "usr/local", "usr/local/bin", "usr/share", "usr/share/nginx/html", "var", "var/lib", "var/log",
    "var/run", "var/tmp",
  ]
  private static let openFolders: Set<String> = ["tmp", "var/tmp", "dev/shm"]

  /// A place in one tree.
  struct Place {
    var mount: ContainerMount?
    /// Inside the tree.
    var path: String
    var tree: FileTree

    var isMount: Bool { mount.map { $0.subPath == path } ?? false }
  }

  /// The mount whose path is the longest that holds this one, and the path inside it, through all links.
  /// - Parameter follows: the last name, too, is followed when it is a link.
  func place(_ path: String, follows: Bool = true) -> Place {
    var path = path
    for _ in 0..<Self.linkLimit {
      let place = placeWithoutLinks(path)
      guard place.tree.hasLinks else { return place }
      switch resolved(place, follows: follows) {
      case .inside(let inside): return Place(mount: place.mount, path: inside, tree: place.tree)
      case .elsewhere(let other): path = other
      }
    }
    return Place(path: "dev/null/loop", tree: FileTree())
  }

  private func placeWithoutLinks(_ path: String) -> Place {
    let found = mounts.filter { path == $0.path || path.hasPrefix($0.path + "/") }.max { $0.path.count < $1.path.count }
    guard let mount = found else { return Place(path: path, tree: root) }
    let inside = path.dropFirst(mount.path.count).drop { $0 == "/" }
    let parts = [mount.subPath, String(inside)].filter { !$0.isEmpty }
    return Place(mount: mount, path: parts.joined(separator: "/"), tree: tree(of: mount))
  }

  private enum Resolution {
    case inside(String)
    case elsewhere(String)
  }

  private func resolved(_ place: Place, follows: Bool) -> Resolution {
    var todo = place.path.split(separator: "/").map(String.init)
    var done: [String] = []
    var links = 0
    while !todo.isEmpty {
      let name = todo.removeFirst()
      if name == "." { continue }
      if name == ".." {
        _ = done.popLast()
        continue
      }
      done.append(name)
      guard follows || !todo.isEmpty, let target = place.tree.entry(done.joined(separator: "/"))?.target else {
        continue
      }
      links += 1
      let next = target.split(separator: "/").map(String.init)
      if target.hasPrefix("/") || links > Self.linkLimit {
        return .elsewhere((links > Self.linkLimit ? ["dev/null/loop"] : next + todo).joined(separator: "/"))
      }
      done.removeLast()
      todo = next + todo
    }
    return .inside(done.joined(separator: "/"))
  }

  private func tree(of mount: ContainerMount) -> FileTree {
    switch mount.volume {
    case .stored(let id): volumes[id] ?? VolumeFiles.fresh(id)
    case .fixed(let files): files.tree
    case .live(let read): read().tree
    case .system(let read): FileTree(read())
    }
  }

  // MARK: What is there

  /// The entry at a place; nil when nothing is there.
  func entry(_ place: Place) -> FileEntry? {
    if let entry = place.tree.entry(place.path) { return entry }
    if let mount = place.mount {
      if place.isMount { return mount.folder }
      return place.tree.isDirectory(place.path) ? .folder() : nil
    }
    let path = place.path
    if Device(path: path) != nil { return FileEntry(content: .text(""), mode: 0o666) }
    if path.isEmpty || Self.usualFolders.contains(path) {
      return .folder(Self.openFolders.contains(path) ? 0o1777 : path == "root" ? 0o700 : 0o755)
    }
    let isAbove = mounts.contains { $0.path.hasPrefix(path + "/") }
    return isAbove || place.tree.isDirectory(path) ? .folder() : nil
  }

  func isReadOnly(_ place: Place) -> Bool {
    guard let mount = place.mount else { return isRootReadOnly }
    return mount.isReadOnly || mount.volume.id == nil
  }

  /// The folder that a path lies in.
  static func folder(of path: String) -> String { path.split(separator: "/").dropLast().joined(separator: "/") }
}
