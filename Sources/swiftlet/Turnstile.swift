import APIServer
import EventLoops
import HTTPServer

/// Before the API of a cluster with a seed: lets writes in one at a time, and each only when the work of those before it has
/// settled. The same requests in the same order then meet the same cluster, and make the same one of it.
struct Turnstile: Handler {
  let inner: any Handler
  let pool: WorkPool
  private let line = Line()

  init(_ inner: any Handler, pool: WorkPool) {
    self.inner = inner
    self.pool = pool
  }

  func answer(_ request: Request) -> Answer {
    switch request.method {
    // It ends what those in the line wait for.
    case .post where request.path.elementsEqual(ClockRoute.stopPath.utf8): return inner.answer(request)
    case .post, .put, .patch, .delete:
      return .decideLater { [self] in
        await line.enter()
        await pool.quiet()
        let answer = await pool.run { await Self.decided(inner.answer(request)) }
        line.leave()
        return answer
      }
    default: return inner.answer(request)
    }
  }

  /// Whatever there was to wait for has been waited for.
  private static func decided(_ answer: Answer) async -> Answer {
    switch answer {
    case .later(let work): return .now(await work())
    case .decideLater(let work): return await decided(await work())
    case .now, .stream, .upgrade: return answer
    }
  }
}
