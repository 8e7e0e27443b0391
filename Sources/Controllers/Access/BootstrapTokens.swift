import JSONCore
import Objects
import Reconciling
import Values

/// Removes bootstrap tokens when their time is over.
public struct BootstrapTokenCleaner: Controller {
  public let name = "token-cleaner-controller"

  public init() {}

  public var watches: [Watch] {
    [
      Watch(.secrets) { change, _ in
        change.kind != .deleted && BootstrapToken.isToken(change.object) ? [change.object.key] : []
      }
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let secret = snapshot[key], BootstrapToken.isToken(secret),
      let bytes = Base64.decode(secret.json["data"]?.text("expiration") ?? ""), !bytes.isEmpty
    else { return .nothing }
    // A date that cannot be read counts as past: such a token is of no use.
    let end = Instant(rfc3339: String(decoding: bytes, as: UTF8.self)) ?? .epoch
    if now < end { return Plan([], requeueAfter: end - now) }
    return Plan([.delete(key, Deletion(uid: secret.uid))])
  }
}
