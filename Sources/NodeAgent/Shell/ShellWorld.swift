import Objects
import Values

/// What a simulated process finds around it: the time, files, and the names of the cluster.
struct ShellWorld: Sendable {
  enum Failure: Error {
    case missing
    case isDirectory
    case readOnly
    case full
    case denied
    case notPermitted
    case exists
    case busy

    var text: String {
      switch self {
      case .missing: "No such file or directory"
      case .isDirectory: "Is a directory"
      case .readOnly: "Read-only file system"
      case .full: "No space left on device"
      case .denied: "Permission denied"
      case .notPermitted: "Operation not permitted"
      case .exists: "File exists"
      case .busy: "Device or resource busy"
      }
    }
  }

  /// The most volumes that are kept for claims, hosts and pods together.
  static let volumeLimit = 10_000

  var now: Instant
  /// When the container was started: how old the files are that came with it.
  var start = Instant.epoch
  var hostname: String
  var user = ProcessUser.root
  /// The container's own files cannot be changed.
  var isRootReadOnly = false
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
  /// How many bytes may still be written in the whole cluster.
  var room = Int.max
  var random = RandomBytes(seed: 0)
  /// Other containers that run, by their ids.
  var peers: @Sendable (String) -> RunningPeer? = { _ in nil }
}

/// What processes can find out about other machines.
protocol SimulatedNetwork: Sendable {
  /// The pod's own.
  var address: String { get }
  /// The addresses of a host name, as the pod finds them; empty when nobody has it.
  func addresses(of host: String) -> [String]
  /// What the name server knows of a name.
  /// - Parameter searches: the name may be one that the pod's own places for names are to be added to.
  func records(_ name: String, _ kind: NameRecord.Kind, searches: Bool) -> [NameRecord]
  func route(to host: String, port: Int, _ transport: Transport) -> PortRoute
  /// A server has answered, which costs it something.
  func noteAnswer(of server: ContainerRequest, uid: String, at now: Instant)
  /// How the cluster's API is reached; nil where it is not.
  var api: APIDoor? { get }
}

extension SimulatedNetwork {
  var address: String { "127.0.0.1" }
  func records(_ name: String, _ kind: NameRecord.Kind, searches: Bool) -> [NameRecord] {
    kind == .address ? addresses(of: name).map { NameRecord(name: name, kind: .address, value: $0) } : []
  }
  func noteAnswer(of server: ContainerRequest, uid: String, at now: Instant) {}
  var api: APIDoor? { nil }
}

/// Nobody is there.
struct NoNetwork: SimulatedNetwork {
  func addresses(of host: String) -> [String] { [] }
  func route(to host: String, port: Int, _ transport: Transport) -> PortRoute { .unknownHost }
}
