import Values

/// What a simulated process finds around it: the time, files, and the names of the cluster.
struct ShellWorld: Sendable {
  enum Failure: Error {
    case missing
    case isDirectory
    case readOnly
    case full

    var text: String {
      switch self {
      case .missing: "No such file or directory"
      case .isDirectory: "Is a directory"
      case .readOnly: "Read-only file system"
      case .full: "No space left on device"
      }
    }
  }

  /// The most volumes that are kept for claims, hosts and pods together.
  private static let volumeLimit = 10_000

  var now: Instant
  var hostname: String
  /// The container's own files: gone when it restarts.
  var root = FileTree()
  /// They are no longer those that every container begins with.
  var hasOwnFiles = false
  /// The volumes that can be written, by their ids: those of one pod, or shared by all who mount them.
  var volumes = VolumeFiles()
  var mounts: [ContainerMount] = []
  var network: any SimulatedNetwork
  /// What was sent to processes: those of others are for whoever runs them.
  var signals: [ShellSignal] = []
  /// The container's first program.
  var main = MainProgram()
  /// The container, where this is the world of another program beside the first.
  var container: ContainerRequest?

  // MARK: Files

  func read(_ path: String) throws(Failure) -> String {
    let place = self.place(path)
    let tree = tree(place)
    if let text = tree.text(place.path) { return text }
    throw isDirectory(path) ? .isDirectory : .missing
  }

  mutating func write(_ path: String, _ text: String, appends: Bool = false) throws(Failure) {
    if path == "dev/null" { return }
    let place = self.place(path)
    if place.isReadOnly { throw .readOnly }
    if isDirectory(path) { throw .isDirectory }
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    if !isDirectory(folder) { throw .missing }
    var isWritten = false
    change(place) { isWritten = $0.write(place.path, text, appends: appends) }
    if !isWritten { throw .full }
  }

  mutating func makeDirectory(_ path: String) throws(Failure) {
    let place = self.place(path)
    if isDirectory(path) { return }
    if place.isReadOnly { throw .readOnly }
    change(place) { $0.makeDirectory(place.path) }
  }

  mutating func remove(_ path: String) throws(Failure) {
    let place = self.place(path)
    if !exists(path) { throw .missing }
    if place.isReadOnly { throw .readOnly }
    change(place) { $0.remove(place.path) }
  }

  func exists(_ path: String) -> Bool {
    let place = self.place(path)
    return tree(place).exists(place.path) || isDirectory(path)
  }

  func isDirectory(_ path: String) -> Bool {
    if path.isEmpty || Self.usualFolders.contains(path) { return true }
    if mounts.contains(where: { $0.path.hasPrefix(path + "/") }) { return true }
    let place = self.place(path)
    return tree(place).isDirectory(place.path)
  }

  func names(in path: String) -> [String] {
    let place = self.place(path)
    var names = Set(tree(place).names(in: place.path))
    let prefix = path.isEmpty ? "" : path + "/"
    for other in mounts.map(\.path) + Self.usualFolders where other.hasPrefix(prefix) && other != path {
      if let name = other.dropFirst(prefix.count).split(separator: "/").first { names.insert(String(name)) }
    }
    return names.sorted()
  }

  private static let usualFolders = [
    "bin", "data", "dev", "etc", "home", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp", "usr", "usr/bin",
    "usr/local", "usr/local/bin", "usr/share", "usr/share/nginx/html", "var", "var/lib", "var/log", "var/run",
    "var/tmp",
  ]

  private struct Place {
    var mount: ContainerMount?
    var path: String
    var isReadOnly: Bool { mount.map { $0.isReadOnly || $0.volume.id == nil } ?? false }
  }

  /// The mount whose path is the longest that holds this one, and the path inside it.
  private func place(_ path: String) -> Place {
    let found = mounts.filter { path == $0.path || path.hasPrefix($0.path + "/") }.max { $0.path.count < $1.path.count }
    guard let mount = found else { return Place(path: path) }
    let inside = path.dropFirst(mount.path.count).drop { $0 == "/" }
    let parts = [mount.subPath, String(inside)].filter { !$0.isEmpty }
    return Place(mount: mount, path: parts.joined(separator: "/"))
  }

  private func tree(_ place: Place) -> FileTree {
    switch place.mount?.volume {
    case nil: root
    case .stored(let id): volumes[id] ?? FileTree()
    case .fixed(let texts): FileTree(texts)
    case .live(let read): FileTree(read())
    }
  }

  private mutating func change(_ place: Place, _ change: (inout FileTree) -> Void) {
    switch place.mount?.volume {
    case nil:
      hasOwnFiles = true
      change(&root)
    case .stored(let id):
      if volumes[id] == nil, volumes.count >= Self.volumeLimit { return }
      change(&volumes[id, default: FileTree()])
    case .fixed, .live: break
    }
  }
}

/// A volume at a place in the container's files.
public struct ContainerMount: Sendable {
  /// Without slashes at its ends, never empty.
  public var path: String
  public var volume: MountedVolume
  /// The file or folder of the volume that is mounted; "" for all of it.
  public var subPath = ""
  public var isReadOnly = false
}

/// Where the files of a mounted volume come from.
public enum MountedVolume: Sendable {
  /// Kept by the runtime under an id; whoever mounts the same id sees the same files.
  case stored(String)
  /// Read-only, as they were when the container started: a ConfigMap through a subPath.
  case fixed([String: String])
  /// Read-only and always new: ConfigMaps, Secrets, fields of the pod.
  case live(@Sendable () -> [String: String])

  var id: String? { if case .stored(let id) = self { id } else { nil } }
}

/// What processes can find out about other machines.
public protocol SimulatedNetwork: Sendable {
  /// The addresses of a host name, as the pod's name server knows it; empty when it does not.
  func addresses(of host: String) -> [String]
  /// Whether anyone listens there.
  func isListening(_ host: String, port: Int) -> Bool
  /// The servers that may answer there, one of which is to be chosen: empty when nobody listens, nil for a host that is not of
  /// the cluster.
  func servers(at host: String, port: Int) -> [PortTarget]?
  /// A server has answered, which costs it something.
  func noteAnswer(of server: PortTarget, at now: Instant)
}

/// Nobody is there.
public struct NoNetwork: SimulatedNetwork {
  public init() {}
  public func addresses(of host: String) -> [String] { [] }
  public func isListening(_ host: String, port: Int) -> Bool { false }
}
