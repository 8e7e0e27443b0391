import Synchronization
import Values

/// What `/metrics` shows: every part adds its own families, and they are asked at each scrape.
public final class MetricsPage: Sendable {
  public typealias Source = @Sendable (inout MetricsText) -> Void

  private let sources = Mutex<[Source]>([])

  public init() {}

  public func add(_ source: @escaping Source) { sources.withLock { $0.append(source) } }

  func text() -> Blob {
    var text = MetricsText()
    for source in sources.withLock({ $0 }) { source(&text) }
    return text.buffer.blob()
  }
}
