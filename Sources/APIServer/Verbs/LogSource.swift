import HTTPServer
import Objects
import Values

/// What of a container's output is asked for.
public struct LogRequest: Sendable {
  public var namespace: String
  public var pod: String
  public var podUID: String
  public var container: String
  /// Goes on as more is written.
  public var follows = false
  /// The instance before the last restart.
  public var isPrevious = false
  /// Only what was written at or after this moment.
  public var since: Instant?
  /// Each line begins with its time.
  public var hasTimestamps = false
  /// Only the last so many lines.
  public var tailLines: Int?
  /// At most so many bytes.
  public var limitBytes: Int?

  public init(namespace: String, pod: String, podUID: String, container: String) {
    self.namespace = namespace
    self.pod = pod
    self.podUID = podUID
    self.container = container
  }
}

/// Where the output of containers comes from: the node agent.
public protocol LogSource: Sendable {
  /// - Throws: 400 or 404 where the container has written nothing yet or is unknown.
  func open(_ request: LogRequest) async throws(Status) -> any LogReader
}

/// The output of one container, piece by piece; at the end of what there is, or when nobody reads on, it is over.
public protocol LogReader: Sendable {
  /// Called once, before the first `next`. `wake` is called, from any thread, when there is more after `wait`.
  func start(wake: @escaping @Sendable () -> Void)
  func next() -> LogPiece
  func cancel()
}

public enum LogPiece: Sendable {
  case bytes(Blob)
  case wait
  case end
}

/// Output as a body.
struct LogBody: BodySource {
  let reader: any LogReader

  func start(wake: @escaping @Sendable () -> Void) { reader.start(wake: wake) }

  func pull(limit: Int) -> Pulled {
    switch reader.next() {
    case .bytes(let blob): .chunks([blob])
    case .wait: .wait
    case .end: .end
    }
  }

  func cancel() { reader.cancel() }
}
