import Synchronization
import Values

/// How many requests there were, by what they wanted and what came of it. Other parts add their own lines.
public final class RequestMetrics: Sendable {
  private struct Key: Hashable, Comparable {
    var verb: String
    var group: String
    var version: String
    var resource: String
    var subresource: String
    var code: Int

    static func < (left: Key, right: Key) -> Bool {
      (left.group, left.resource, left.subresource, left.verb, left.code)
        < (right.group, right.resource, right.subresource, right.verb, right.code)
    }
  }

  private struct State {
    var counts: [Key: Int] = [:]
    var sources: [@Sendable (inout ByteBuffer) -> Void] = []
  }

  /// Distinct combinations that are told apart; resources come from the catalog, so strangers cannot fill it.
  private static let limit = 10_000

  private let state = Mutex(State())

  public init() {}

  /// Adds lines in the text format of Prometheus at each scrape.
  public func add(_ source: @escaping @Sendable (inout ByteBuffer) -> Void) {
    state.withLock { $0.sources.append(source) }
  }

  func count(_ target: Target, isKnown: Bool, code: Int) {
    let key =
      isKnown
      ? Key(
        verb: target.verb, group: target.group, version: target.version, resource: target.resource,
        subresource: target.subresource, code: code)
      : Key(verb: target.verb, group: "", version: "", resource: "", subresource: "", code: code)
    state.withLock { state in
      if state.counts[key] == nil, state.counts.count >= Self.limit { return }
      state.counts[key, default: 0] += 1
    }
  }

  /// All lines.
  func text() -> Blob {
    let (counts, sources) = state.withLock { ($0.counts, $0.sources) }
    var out = ByteBuffer(capacity: 8192)
    out.append("# HELP apiserver_request_total Requests by verb, resource and code.\n")
    out.append("# TYPE apiserver_request_total counter\n")
    for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
      out.append(
        text: "apiserver_request_total{code=\"\(key.code)\",group=\"\(key.group)\",resource=\"\(key.resource)\","
          + "subresource=\"\(key.subresource)\",verb=\"\(key.verb.uppercased())\",version=\"\(key.version)\"} \(count)\n"
      )
    }
    for source in sources { source(&out) }
    return out.blob()
  }
}
