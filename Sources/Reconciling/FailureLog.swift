import EventLoops
import Objects
import Synchronization
import Values

/// What controllers, scheduler and nodes could not do. Each failure is counted, and told in a line: once, and again when it
/// still is so a while later. Those who meet it try again; this is for people who wonder why nothing happens.
public final class FailureLog: Sendable {
  /// The most failures that are remembered as told.
  private static let memory = 1024
  /// How long one failure is not told again.
  private static let silence = Duration.seconds(300)

  private struct State {
    var counts: [String: Int] = [:]
    var told: [String: Instant] = [:]
  }

  private let write: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// - Parameter write: takes one line, without its end; by default nobody reads along.
  public init(write: @escaping @Sendable (String) -> Void = { _ in }) { self.write = write }

  /// - Parameters:
  ///   - component: who failed: `deployment-controller`.
  ///   - attempt: at what: `create pods for default/web`.
  public func report(_ component: String, _ attempt: String, _ status: Status, at now: Instant) {
    let line = "\(component): \(attempt): \(status.message) (\(status.code) \(status.reason))"
    let isNews = state.withLock { state in
      state.counts[component, default: 0] += 1
      if let last = state.told[line], now - last < Self.silence { return false }
      if state.told.count >= Self.memory { state.told = state.told.filter { now - $0.value < Self.silence } }
      if state.told.count >= Self.memory { state.told = [:] }
      state.told[line] = now
      return true
    }
    if isNews { write("\(now.rfc3339) \(line)") }
  }

  /// How many there were, by who failed.
  public var counts: [(component: String, count: Int)] {
    state.withLock { $0.counts }.sorted { $0.key < $1.key }.map { (component: $0.key, count: $0.value) }
  }
}

extension Action.Verb {
  /// What it tries, in few words.
  public var summary: String {
    switch self {
    case .create(let resource, let object):
      let metadata = object["metadata"]
      let name = metadata?["name"]?.string ?? metadata?["generateName"]?.string ?? ""
      let namespace = metadata?["namespace"]?.string ?? ""
      return "create \(resource) \(namespace.isEmpty ? name : "\(namespace)/\(name)")"
    case .update(let key, _): return "update \(key)"
    case .status(let change): return "patch \(change.key) status"
    case .patch(let key, let subresource, _): return "patch \(key)\(subresource.isEmpty ? "" : " \(subresource)")"
    case .delete(let key, _): return "delete \(key)"
    case .bind(let key, _, let node): return "bind \(key) to \(node)"
    case .finalize(let key, _): return "finalize \(key)"
    case .issueToken(let key): return "issue a token for \(key)"
    case .record: return "record an event"
    }
  }
}
