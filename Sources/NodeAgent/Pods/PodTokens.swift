import EventLoops
import Objects
import Synchronization
import Values

/// The tokens that pods find in their volumes: asked for when somebody looks, and renewed as a kubelet does.
public final class PodTokens: Sendable {
  /// Issues a token for a pod's account that ends with the pod; an empty audience stands for the API server.
  public typealias Source =
    @Sendable (_ pod: Key, _ uid: String, _ audience: String, _ seconds: Int) throws(Status) -> String

  /// The most pods whose tokens are remembered; for the others they are made anew at each look.
  private static let limit = 10_000
  private static let longestSeconds = 24 * 3600

  private struct Wish: Hashable {
    let audience: String
    let seconds: Int
  }

  private struct Token {
    let text: String
    let renewal: Instant
  }

  private let source: Source
  private let clock: any Clock
  private let kept = Mutex<[String: [Wish: Token]]>([:])

  public init(clock: any Clock, source: @escaping Source) {
    self.clock = clock
    self.source = source
  }

  /// A token with at least a fifth of its time before it.
  func text(_ pod: Key, uid: String, audience: String, seconds: Int) throws(Status) -> String {
    let (wish, now) = (Wish(audience: audience, seconds: seconds), clock.now)
    if let token = kept.withLock({ $0[uid]?[wish] }), token.renewal > now { return token.text }
    let text = try source(pod, uid, audience, seconds)
    let life = min(seconds * 4 / 5, Self.longestSeconds)
    kept.withLock { kept in
      if kept[uid] == nil, kept.count >= Self.limit { return }
      kept[uid, default: [:]][wish] = Token(text: text, renewal: now + .seconds(life))
    }
    return text
  }

  func forget(_ uid: String) { kept.withLock { _ = $0.removeValue(forKey: uid) } }
}
