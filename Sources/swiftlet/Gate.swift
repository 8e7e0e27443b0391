import APIServer
import HTTPServer
import Synchronization

/// Stands before the API while the cluster is being loaded: the ports are known before the objects are.
final class Gate: Handler {
  private let handler = Mutex<(any Handler)?>(nil)

  func open(to handler: any Handler) { self.handler.withLock { $0 = handler } }

  func answer(_ request: Request) -> Answer {
    if let handler = handler.withLock({ $0 }) { return handler.answer(request) }
    var starting = API.failure(503, "the cluster is starting")
    starting.headers.append(("retry-after", "1"))
    return .now(starting)
  }
}
