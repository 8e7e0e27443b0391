import JSONCore
import Objects
import Values

/// What runs the containers of a node, in the shape of the container runtime interface.
///
/// What happens by itself (a container ends) is told through the `Listener` that came with the start.
public protocol ContainerRuntime: Sendable {
  /// `containerd://2.0.0`: what a node says of its runtime.
  var version: String { get }

  /// The image, when the node has it already.
  func image(_ name: String, on node: String) -> Image?
  func pull(_ container: PodSpecification.Container, of pod: PodSpecification, on node: String)
    async throws(RuntimeFailure) -> Image
  /// All images of the node.
  func images(on node: String) -> [Image]
  /// - Returns: the container's id.
  func start(_ request: ContainerRequest, listener: @escaping Listener) async throws(RuntimeFailure) -> String
  /// What a probe of the readiness of a container without one would find right after its start; nil: it has to be asked.
  func readiness(_ request: ContainerRequest) -> ProbeOutcome?
  /// Asks a container to end and makes it when the grace is over; the listener hears of the end.
  func stop(_ id: String, grace: Duration)
  func probe(_ id: String, _ kind: ProbeKind) async -> ProbeOutcome
  /// Runs a program inside a running container, to its end or for this long at most.
  func execute(_ id: String, _ words: [String], timeout: Duration) async -> Execution
  /// A program inside a running container, with streams to talk with it; it starts with the session.
  func execute(_ id: String, _ words: [String], _ wishes: StreamWishes) -> any StreamSession
  /// The streams of a container's own program, as they go on.
  func attach(_ id: String, _ wishes: StreamWishes) -> any StreamSession
  /// What listens in a pod.
  func ports(pod uid: String) -> any PodPorts
  /// Asks a container over the network, as hooks do.
  /// - Returns: why it gave no good answer; nil when it did.
  func request(_ id: String, _ handler: Probe.Handler) async -> String?
  /// The pod's object has changed: its annotations, or what its containers may use.
  func update(_ id: String, _ pod: PodSpecification)
  /// Ends a container, if it still runs, and forgets it.
  func remove(_ id: String)
  /// Forgets what containers of a pod shared.
  func forget(pod uid: String)
  /// Forgets the files of a claim that is gone.
  func forget(claim uid: String, in namespace: String)
  /// Forgets the files and images of a node that is gone.
  func forget(node: String)

  typealias Listener = @Sendable (_ exit: Exit) -> Void
}

/// An image on a node.
public struct Image: Sendable, Equatable {
  /// The full name: `docker.io/library/nginx:1.27`.
  public var name: String
  /// `docker.io/library/nginx@sha256:…`
  public var id: String
  public var sizeBytes: Int64
  /// How long the pull took.
  public var duration: Duration

  public init(name: String, id: String, sizeBytes: Int64, duration: Duration = .zero) {
    self.name = name
    self.id = id
    self.sizeBytes = sizeBytes
    self.duration = duration
  }
}

/// A container of a pod that is to run.
public struct ContainerRequest: Sendable {
  public var pod: PodSpecification
  public var container: PodSpecification.Container
  /// How often it has run before.
  public var attempt: Int
  /// When it was started, for one that goes on running after the agent was away; nil for a new one.
  public var runningSince: Instant?
  public var surroundings: Surroundings

  public init(
    pod: PodSpecification, container: PodSpecification.Container, attempt: Int, runningSince: Instant? = nil,
    surroundings: Surroundings = Surroundings()
  ) {
    self.pod = pod
    self.container = container
    self.attempt = attempt
    self.runningSince = runningSince
    self.surroundings = surroundings
  }

  /// `command` and `args`, with the variables in them replaced.
  public var words: [String] {
    (container.command + container.arguments).map { PodEnvironment.expanded($0) { surroundings.environment[$0] } }
  }
}

/// What a container finds when it starts.
public struct Surroundings: Sendable {
  public var environment = Environment(own: [:])
  public var mounts: [ContainerMount] = []
  public var hostname = ""
  /// The pod's own.
  public var address = ""
  /// Settings of the kernel that the pod asks for.
  public var settings: [String: String] = [:]
  var network: any SimulatedNetwork = NoNetwork()
  public var user = ProcessUser.root
  /// Its own files cannot be changed.
  public var isRootReadOnly = false
  /// `/etc/hosts` and `/etc/resolv.conf`; "" where they are the usual ones.
  public var hosts = ""
  public var resolver = ""

  public init() {}
}

/// How a program inside a container went.
public struct Execution: Sendable, Equatable {
  public var code: Int
  /// What it wrote, both streams.
  public var output: String
  /// It was still running when its time was over.
  public var isLate: Bool

  public init(code: Int, output: String = "", isLate: Bool = false) {
    self.code = code
    self.output = output
    self.isLate = isLate
  }
}

/// How a container ended. Most have not, and so need no room for it.
public final class Exit: Sendable, Equatable {
  public let code: Int
  /// `Completed`, `Error`, `OOMKilled`
  public let reason: String
  public let message: String
  public let startedAt: Instant
  public let finishedAt: Instant
  public let containerID: String

  public init(
    code: Int, reason: String = "", message: String = "", startedAt: Instant, finishedAt: Instant,
    containerID: String = ""
  ) {
    self.code = code
    self.reason = reason.isEmpty ? code == 0 ? "Completed" : "Error" : reason
    self.message = message
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.containerID = containerID
  }

  public static func == (left: Exit, right: Exit) -> Bool {
    (left.code, left.reason, left.message, left.startedAt, left.finishedAt, left.containerID)
      == (right.code, right.reason, right.message, right.startedAt, right.finishedAt, right.containerID)
  }
}

/// Why the runtime could not do what it was asked for.
public struct RuntimeFailure: Error, Sendable, Equatable {
  /// The reason of the waiting state: `ErrImagePull`, `InvalidImageName`, `RunContainerError`.
  public var reason: String
  public var message: String

  public init(reason: String, message: String) {
    self.reason = reason
    self.message = message
  }
}

public struct ProbeOutcome: Sendable, Equatable {
  public var isSuccess: Bool
  public var message: String
  /// Asking again would give the same answer, for as long as the container runs.
  public var isFinal: Bool

  public init(isSuccess: Bool, message: String = "", isFinal: Bool = false) {
    self.isSuccess = isSuccess
    self.message = message
    self.isFinal = isFinal
  }
}
