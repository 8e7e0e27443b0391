import JSONCore
import Objects
import Reconciling
import Values

/// Fills secrets that are to hold the token of a service account, and removes them with the account.
public struct TokenSecretController: Controller {
  public let name = "serviceaccount-token-controller"

  private static let type = "kubernetes.io/service-account-token"
  private static let accountName = "kubernetes.io/service-account.name"
  private static let accountUID = "kubernetes.io/service-account.uid"

  public init() {}

  public var watches: [Watch] {
    [
      Watch(.secrets) { change, _ in
        change.kind != .deleted && Self.isToken(change.object) ? [change.object.key] : []
      },
      Watch(.serviceAccounts) { change, snapshot in
        if change.kind == .modified { return [] }
        return snapshot.objects(.secrets, namespace: change.object.namespace).filter(Self.isToken).map(\.key)
      },
    ]
  }

  private static func isToken(_ secret: Object) -> Bool {
    RawJSON(secret.blob.bytes).member("type")?.string == type
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let secret = snapshot[key], Self.isToken(secret) else { return .nothing }
    let json = secret.json
    if json.isBeingDeleted { return .nothing }
    let name = json.annotation(Self.accountName) ?? ""
    let uid = json.annotation(Self.accountUID) ?? ""
    guard let account = snapshot[Key(.serviceAccounts, namespace: key.namespace, name: name)],
      uid.isEmpty || uid == account.uid
    else { return Plan([.delete(key, Deletion(uid: secret.uid))]) }
    let isFull = ["token", "ca.crt", "namespace"].allSatisfy { !(json["data"]?.text($0) ?? "").isEmpty }
    return isFull && uid == account.uid ? .nothing : Plan([Action(.issueToken(key))])
  }
}
