import JSONCore
import Objects
import Reconciling
import Values

/// Signs a text with a bootstrap token: a JWS with HS256 whose content is left out (RFC 7515, appendix F).
public typealias TextSigner = @Sendable (_ content: String, _ tokenID: String, _ secret: String) -> String

/// Signs the ConfigMap `cluster-info` with every bootstrap token that may, so that a machine that is to join can tell by its
/// token that it talks to the right cluster.
public struct BootstrapSigner: Controller {
  public let name = "bootstrap-signer-controller"

  static let clusterInfo = Key(.configMaps, namespace: "kube-public", name: "cluster-info")
  private static let prefix = "jws-kubeconfig-"

  private let sign: TextSigner

  public init(sign: @escaping TextSigner) { self.sign = sign }

  public var watches: [Watch] {
    [
      Watch(.configMaps) { change, _ in
        change.object.key == Self.clusterInfo && change.kind != .deleted ? [Self.clusterInfo] : []
      },
      Watch(.secrets) { change, _ in BootstrapToken.isToken(change.object) ? [Self.clusterInfo] : [] },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key], let data = object.json["data"], let content = data["kubeconfig"]?.string else {
      return .nothing
    }
    var plan = Plan()
    var wanted = data
    for (name, _) in data.object ?? Members() where name.hasPrefix(Self.prefix) { wanted[name] = nil }
    for secret in snapshot.objects(.secrets, namespace: BootstrapToken.namespace) where BootstrapToken.isToken(secret) {
      guard let token = BootstrapToken(secret), token.signs, token.expires.map({ now < $0 }) ?? true else { continue }
      wanted[Self.prefix + token.id] = .string(sign(content, token.id, token.secret))
      if let end = token.expires { plan.requeue(after: end - now) }
    }
    guard let difference = JSON.mergeDifference(from: data, to: wanted) else { return plan }
    plan.then([.patch(key, ["metadata": ["uid": .string(object.uid)], "data": difference])])
    return plan
  }
}

/// A secret by which machines may join.
struct BootstrapToken {
  static let namespace = "kube-system"
  private static let prefix = "bootstrap-token-"

  let id: String
  let secret: String
  /// It may sign `cluster-info`.
  let signs: Bool
  /// nil: never. A date that cannot be read counts as past.
  let expires: Instant?

  static func isToken(_ secret: Object) -> Bool {
    secret.namespace == namespace
      && RawJSON(secret.blob.bytes).member("type")?.isString("bootstrap.kubernetes.io/token") == true
  }

  /// Nil where the name does not go with the token in it.
  init?(_ object: Object) {
    let data = object.json["data"] ?? .emptyObject
    func text(_ key: String) -> String { String(decoding: Base64.decode(data.text(key)) ?? [], as: UTF8.self) }
    id = text("token-id")
    secret = text("token-secret")
    signs = text("usage-bootstrap-signing") == "true"
    let end = text("expiration")
    expires = end.isEmpty ? nil : Instant(rfc3339: end) ?? .epoch
    if id.isEmpty || secret.isEmpty || object.name != Self.prefix + id { return nil }
  }
}
