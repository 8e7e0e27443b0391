import EventLoops
import Objects
import Synchronization

/// What the cluster's API said to a container, or the work by which it will.
public enum APIAnswer: Sendable {
  case now(PortResponse)
  case later(@Sendable () async -> PortResponse)
}

/// How containers reach the cluster's API: what can be answered at once is, the rest is worked on outside of the containers'
/// loop, and the one who asked looks again until it is there.
public final class APIDoor: Sendable {
  public typealias Source = @Sendable (_ request: PortRequest, _ address: String) -> APIAnswer

  enum Reply: Sendable {
    case answered(PortResponse)
    /// The number under which the answer will be found.
    case asked(Int)
  }

  /// The most questions that are worked on, or whose answers nobody has come for, at a time.
  private static let limit = 1000

  private struct State {
    var source: Source?
    var count = 0
    var answers: [Int: PortResponse?] = [:]
  }

  private let state = Mutex(State())
  private let loop: Loop

  public init(pool: WorkPool) { loop = pool.loop("swiftlet.door") }

  /// From now on there is an API.
  public func open(_ source: @escaping Source) { state.withLock { $0.source = source } }

  func ask(_ request: PortRequest, from address: String) -> Reply {
    guard let source = state.withLock({ $0.source }) else {
      return .answered(SimulatedServer.plain("the cluster is starting\n", status: 503))
    }
    switch source(request, address) {
    case .now(let response): return .answered(response)
    case .later(let work):
      let number = state.withLock { state -> Int? in
        if state.answers.count >= Self.limit {
          // Who has not come for an answer while so many others asked has ended meanwhile.
          let latest = state.count - Self.limit / 2
          state.answers = state.answers.filter { $0.value == nil || $0.key > latest }
        }
        guard state.answers.count < Self.limit else { return nil }
        state.count += 1
        state.answers[state.count] = .some(nil)
        return state.count
      }
      guard let number else { return .answered(SimulatedServer.plain("too many requests\n", status: 429)) }
      loop.spawnOutside { [self] in
        let response = await work()
        state.withLock { $0.answers[number] = response }
      }
      return .asked(number)
    }
  }

  /// The answer to what was asked, once; nil as long as there is none.
  func take(_ number: Int) -> PortResponse? {
    state.withLock { state in
      guard let found = state.answers[number] else { return PortResponse(status: 504) }
      if found != nil { state.answers[number] = nil }
      return found
    }
  }
}
