import CSystem
import EventLoops
import Synchronization

/// An HTTP server: HTTP/2 and HTTP/1.1 on every listener, in clear or over TLS.
///
/// Give it the system's clock even where the program's own time is virtual: the peers live in real time.
public final class Server: Sendable {
  private enum State {
    case new
    case running([LoopBound<Acceptor>])
    case stopped
  }

  private let configuration: Configuration
  private let clock: any Clock
  private let workers: [LoopBound<Worker>]
  private let state = Mutex(State.new)

  public init(configuration: Configuration, handler: any Handler, clock: any Clock) throws(ServerError) {
    self.configuration = configuration
    self.clock = clock
    var workers: [LoopBound<Worker>] = []
    for index in 0..<max(1, configuration.loopCount) {
      let loop = Loop(label: "swiftlet.connections.\(index)")
      workers.append(LoopBound(try Worker(loop, configuration, handler, clock), loop: loop))
    }
    self.workers = workers
  }

  /// Opens the listeners; their addresses in the order of the configuration, with the ports the system picked.
  public func start() throws(ServerError) -> [SocketAddress] {
    system_ignore_broken_pipes()
    let loop = Loop(label: "swiftlet.accept")
    var acceptors: [LoopBound<Acceptor>] = []
    var addresses: [SocketAddress] = []
    for listener in configuration.listeners {
      do {
        let acceptor = try Acceptor(listener, loop: loop, clock: clock, workers: workers)
        addresses.append(acceptor.address)
        acceptors.append(LoopBound(acceptor, loop: loop))
      } catch {
        for acceptor in acceptors { loop.run { acceptor.value.stop() } }
        throw error
      }
    }
    for worker in workers { worker.loop.run { worker.value.start() } }
    for acceptor in acceptors { loop.run { acceptor.value.start() } }
    state.withLock { [acceptors] in $0 = .running(acceptors) }
    return addresses
  }

  /// Closes the listeners, ends streams, waits up to `Limits.stopSeconds` for requests under way, closes the rest.
  public func stop() async {
    let acceptors: [LoopBound<Acceptor>] = state.withLock { state in
      guard case .running(let acceptors) = state else { return [] }
      state = .stopped
      return acceptors
    }
    guard !acceptors.isEmpty else { return }
    for acceptor in acceptors { acceptor.loop.run { acceptor.value.stop() } }
    await withTaskGroup(of: Void.self) { group in
      for worker in workers {
        group.addTask {
          await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            worker.loop.run { worker.value.stop { done.resume() } }
          }
        }
      }
    }
  }

  /// What all loops counted so far.
  public func metrics() async -> Metrics {
    var sum = Metrics()
    for worker in workers {
      sum =
        sum
        + (await withCheckedContinuation { (done: CheckedContinuation<Metrics, Never>) in
          worker.loop.run { done.resume(returning: worker.value.metrics) }
        })
    }
    return sum
  }
}
