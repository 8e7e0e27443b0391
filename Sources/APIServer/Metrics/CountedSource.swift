import HTTPServer

/// A stream that counts as open for as long as its connection holds it.
final class CountedSource: BodySource {
  private let source: any BodySource
  private let counters: RequestCounters
  private let series: RequestCounters.Series

  init(_ source: any BodySource, _ counters: RequestCounters, _ series: RequestCounters.Series) {
    self.source = source
    self.counters = counters
    self.series = series
    counters.open(series, by: 1)
    (source as? WatchSource)?.tellSizes { [counters] in counters.event(series, bytes: $0) }
  }

  deinit { counters.open(series, by: -1) }

  func start(wake: @escaping @Sendable () -> Void) { source.start(wake: wake) }
  func pull(limit: Int) -> Pulled { source.pull(limit: limit) }
  func cancel() { source.cancel() }
}
