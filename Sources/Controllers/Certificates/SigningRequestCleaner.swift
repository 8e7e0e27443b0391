import JSONCore
import Objects
import Reconciling
import Values

/// Removes requests for certificates that nobody needs any more.
public struct SigningRequestCleaner: Controller {
  public let name = "certificatesigningrequest-cleaner-controller"

  /// For requests that nobody has decided on.
  static let pending = Duration.seconds(24 * 3600)
  /// For requests that are through.
  static let decided = Duration.seconds(3600)

  public init() {}

  public var watches: [Watch] { [.each(.signingRequests)] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key], let end = Self.end(of: object.json) else { return .nothing }
    if now < end { return Plan([], requeueAfter: end - now) }
    return Plan([.delete(key, Deletion(uid: object.uid))])
  }

  /// When the request may go; nil while its signer is at work.
  private static func end(of request: JSON) -> Instant? {
    let conditions = Conditions(request["status"])
    if conditions.list.isEmpty {
      return Instant(rfc3339: request["metadata"]?.text("creationTimestamp") ?? "").map { $0 + pending }
    }
    let isIssued = !(request["status"]?.text("certificate") ?? "").isEmpty
    let deciding = ["Denied", "Failed"] + (isIssued ? ["Approved"] : [])
    return deciding.compactMap { conditions[$0] }.compactMap {
      Instant(rfc3339: $0.text("lastUpdateTime")).map { $0 + decided }
    }.min()
  }
}

extension GroupResource {
  static let signingRequests = GroupResource("certificates.k8s.io", "certificatesigningrequests")
}
