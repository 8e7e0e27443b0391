import Objects
import Values

extension WorkQueue {
  /// What a queue has done since its start, for metrics. How long things take is a matter of the machine, so these are
  /// seconds of its clock, not of the cluster's.
  public struct Statistics: Sendable {
    /// How many keys wait for a worker.
    public internal(set) var depth = 0
    /// How many keys came to wait.
    public internal(set) var adds = 0
    /// How many of them were to come after a delay.
    public internal(set) var retries = 0
    /// How long keys waited for a worker.
    public internal(set) var waited = Histogram(bounds: bounds)
    /// How long workers had them.
    public internal(set) var worked = Histogram(bounds: bounds)
    /// How long the keys that are being worked on have been, together.
    public internal(set) var unfinished = 0.0
    /// How long the first of those has been.
    public internal(set) var longest = 0.0

    /// Seconds, from ten nanoseconds on: those of the stock queues.
    private static let bounds = Histogram.bounds(from: 1e-8, times: 10, count: 10)
  }
}
