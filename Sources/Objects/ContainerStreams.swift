import Values

/// Conversations with what runs in pods, as exec, attach, port-forward and the proxies need them: the seam between the API and
/// whoever runs the containers.
public protocol ContainerStreams: Sendable {
  /// A program in a running container; it starts with the session.
  /// - Throws: 404 for a container that does not run, 500 for a node that does not answer.
  func execute(_ place: ContainerPlace, _ command: [String], _ wishes: StreamWishes) async throws(StreamFailure)
    -> any StreamSession

  /// The main program of a running container.
  /// - Throws: as `execute`.
  func attach(_ place: ContainerPlace, _ wishes: StreamWishes) async throws(StreamFailure) -> any StreamSession

  /// What listens in a pod.
  /// - Throws: 404 for a pod that is not on its node, 500 for a node that does not answer.
  func ports(_ place: ContainerPlace) async throws(StreamFailure) -> any PodPorts
}

/// One container of a pod, or with an empty name the pod as a whole.
public struct ContainerPlace: Sendable, Hashable {
  public var namespace: String
  public var pod: String
  public var podUID: String
  public var container: String

  public init(namespace: String, pod: String, podUID: String, container: String = "") {
    self.namespace = namespace
    self.pod = pod
    self.podUID = podUID
    self.container = container
  }
}

/// Which streams of a program somebody wants to hold.
public struct StreamWishes: Sendable, Hashable {
  public var hasInput: Bool
  public var hasOutput: Bool
  public var hasErrors: Bool
  /// Through a terminal, which joins both outputs.
  public var hasTerminal: Bool

  public init(hasInput: Bool = false, hasOutput: Bool = true, hasErrors: Bool = true, hasTerminal: Bool = false) {
    self.hasInput = hasInput
    self.hasOutput = hasOutput
    self.hasErrors = hasErrors
    self.hasTerminal = hasTerminal
  }
}

/// One conversation. What is called here has its effect in the order of the calls, from any thread.
public protocol StreamSession: Sendable {
  /// Called once, before everything else.
  func start(_ listener: any StreamListener)
  /// Standard input. False: so much waits that no more should come before `StreamListener.inputDrained`.
  func send(_ bytes: [UInt8]) -> Bool
  func endInput()
  func resize(columns: Int, rows: Int)
  /// Output may flow again, after `StreamListener.receive` said that it should not.
  func resume()
  /// Nobody listens any more.
  func close()
}

/// Who hears of a conversation, on any thread, one call at a time.
public protocol StreamListener: Sendable {
  /// False: no more is to come before `StreamSession.resume`.
  func receive(_ output: StreamOutput) -> Bool
  /// Input may flow again.
  func inputDrained()
  /// Called once, last; not after `StreamSession.close`.
  func ended(_ end: StreamEnd)
}

public enum StreamOutput: Sendable, Equatable {
  case output([UInt8])
  case errors([UInt8])
}

public enum StreamEnd: Sendable, Equatable {
  /// The program ended; with its exit code.
  case exited(Int)
  /// There is no such program, or nobody listens there, or the container went away.
  case failed(String)
}

/// Why a conversation cannot begin.
public struct StreamFailure: Error, Sendable, Equatable {
  public var code: Int
  public var message: String

  public init(code: Int, message: String) {
    self.code = code
    self.message = message
  }
}
