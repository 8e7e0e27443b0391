import EventLoops
import HTTPServer
import Registry
import Synchronization
import Values

/// The body of a watch: events as they come, bookmarks in between, until the time is over.
final class WatchSource: BodySource {
  struct Timing: Sendable {
    var clock: any Clock
    /// When the server ends the watch.
    var end: Instant
    var sendsBookmarks: Bool
  }

  private struct State {
    var encoder: WatchEncoder
    var wake: (@Sendable () -> Void)?
    /// Who counts events, by their bytes.
    var sizes: (@Sendable (Int) -> Void)?
    var timer: (any ScheduledTimer)?
    var nextBookmark: Instant
    /// The bookmark shortly before the end has been sent.
    var hasClosingBookmark = false
    var isCancelled = false
    /// The client has been told that objects cannot be converted.
    var hasFailed = false
  }

  private static let bookmarkInterval = Duration.seconds(60)
  /// How long before its end a watch says how far it has come.
  private static let closingMargin = Duration.seconds(2)

  private let subscription: Subscription
  private let timing: Timing
  private let state: Mutex<State>
  /// Between the subscription and the encoder, where a webhook converts.
  private let converted: ConvertedEvents?

  init(_ subscription: Subscription, _ encoder: WatchEncoder, _ timing: Timing) {
    self.subscription = subscription
    self.timing = timing
    let kind = encoder.encoding.kind
    converted = kind.custom?.conversion == nil ? nil : ConvertedEvents(subscription, encoder.cluster, kind)
    state = Mutex(State(encoder: encoder, nextBookmark: timing.clock.now + Self.bookmarkInterval))
  }

  /// Tells the bytes of each event from now on, but for bookmarks.
  func tellSizes(_ sizes: @escaping @Sendable (Int) -> Void) { state.withLock { $0.sizes = sizes } }

  func start(wake: @escaping @Sendable () -> Void) {
    state.withLock { $0.wake = wake }
    subscription.start(wake: wake)
    arm()
  }

  func pull(limit: Int) -> Pulled {
    var chunks: [Blob] = []
    let now = timing.clock.now
    let standing = state.withLock { $0.encoder.standing }
    // The client comes back for the rest, and gets it as the definition is now.
    if standing == .changed { return .end }
    let isDue = state.withLock { state in
      var count = 0
      while count < limit, let event = converted.map({ $0.next(state.wake) }) ?? subscription.next() {
        let start = chunks.count
        state.encoder.append(event, to: &chunks)
        let size = chunks[start...].reduce(0) { $0 + $1.count }
        if event.object != nil { state.sizes?(size) }
        count += size
      }
      if chunks.isEmpty, let failure = converted?.failure, !state.hasFailed {
        state.hasFailed = true
        state.encoder.appendError(failure, to: &chunks)
      }
      if chunks.isEmpty, converted?.isBusy != true { addBookmark(&state, now, &chunks) }
      return state.timer == nil && !state.isCancelled
    }
    if isDue { arm() }
    if !chunks.isEmpty { return .chunks(chunks) }
    if converted?.isBusy == true { return .wait }
    return converted?.failure != nil || now >= timing.end || standing == .gone || subscription.phase != .live
      ? .end : .wait
  }

  func cancel() {
    subscription.cancel()
    let timer = state.withLock { state in
      defer { state.timer = nil }
      state.isCancelled = true
      state.wake = nil
      return state.timer
    }
    timer?.cancel()
  }

  private func addBookmark(_ state: inout State, _ now: Instant, _ chunks: inout [Blob]) {
    guard timing.sendsBookmarks else { return }
    let isClosing = now >= timing.end - Self.closingMargin && !state.hasClosingBookmark
    guard isClosing || now >= state.nextBookmark else { return }
    if isClosing { state.hasClosingBookmark = true }
    state.nextBookmark = now + Self.bookmarkInterval
    state.encoder.appendBookmark(subscription.revision, to: &chunks)
  }

  /// Sets the one timer to whatever comes next: a bookmark or the end.
  private func arm() {
    guard let loop = Loop.current else { return }
    let next = state.withLock { state in
      var next = timing.end
      if timing.sendsBookmarks {
        next = min(next, state.nextBookmark)
        if !state.hasClosingBookmark { next = min(next, timing.end - Self.closingMargin) }
      }
      return next
    }
    let timer = timing.clock.schedule(at: next, on: loop) { [weak self] in
      let wake = self?.state.withLock { state in
        state.timer = nil
        return state.wake
      }
      wake?()
    }
    state.withLock { $0.timer = timer }
  }
}

/// The body of a watch that cannot begin: one ERROR event.
struct FailedWatch: BodySource {
  private let rest: OneShot

  init(_ chunks: [Blob]) { rest = OneShot(chunks) }

  func start(wake: @escaping @Sendable () -> Void) { wake() }

  func pull(limit: Int) -> Pulled { rest.take().map { .chunks($0) } ?? .end }

  func cancel() {}

  /// Gives its chunks out once.
  private final class OneShot: Sendable {
    private let chunks: Mutex<[Blob]?>

    init(_ chunks: [Blob]) { self.chunks = Mutex(chunks) }

    func take() -> [Blob]? {
      chunks.withLock { chunks in
        defer { chunks = nil }
        return chunks
      }
    }
  }
}
