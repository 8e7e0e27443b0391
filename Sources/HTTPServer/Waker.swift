import EventLoops
import Synchronization

/// Tells one exchange that its source has something; from any thread, many times, at the price of one delivery.
final class Waker: Sendable {
  private let isQueued = Atomic(false)
  private let exchange: LoopBound<Exchange>
  private let inbox: Inbox

  init(_ exchange: LoopBound<Exchange>, inbox: Inbox) {
    self.exchange = exchange
    self.inbox = inbox
  }

  func wake() {
    if !isQueued.exchange(true, ordering: .acquiringAndReleasing) { inbox.post(self) }
  }

  /// On the loop.
  var worker: Worker { exchange.value.connection.worker }

  /// On the loop. A wake-up that comes from here on is delivered again.
  func deliver() {
    isQueued.store(false, ordering: .sequentiallyConsistent)
    exchange.value.resume()
  }
}

/// Wake-ups on their way to one loop: however many there are, one message is under way.
final class Inbox: Sendable {
  private let waiting = Mutex<[Waker]>([])
  private let loop: Loop

  init(loop: Loop) { self.loop = loop }

  func post(_ waker: Waker) {
    let isFirst = waiting.withLock { waiting in
      waiting.append(waker)
      return waiting.count == 1
    }
    guard isFirst else { return }
    loop.run { [self] in
      let batch = waiting.withLock { waiting in
        defer { waiting = [] }
        return waiting
      }
      batch.first?.worker.deliver(batch)
    }
  }
}
