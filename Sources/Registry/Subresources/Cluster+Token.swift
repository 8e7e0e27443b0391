import JSONCore
import Objects
import Values

/// What a service account's token is to say.
public struct TokenClaims: Sendable, Hashable {
  public struct Reference: Sendable, Hashable {
    public var kind: String
    public var name: String
    public var uid: String
  }

  public var namespace: String
  public var account: Reference
  /// The pod, secret or node with which the token ends.
  public var bound: Reference?
  /// The node of the bound pod.
  public var node: Reference?
  /// Empty for the server's own audience.
  public var audiences: [String]
  public var lifetimeSeconds: Int
  /// `jti`
  public var id: String
  public var issued: Instant
}

/// Makes the text of a token; the cluster has no keys of its own.
public typealias TokenSigner = @Sendable (TokenClaims) async throws(Status) -> String

extension Cluster {
  /// `serviceaccounts/token`: a token for an account, bound to a pod, secret or node when the request says so.
  /// - Returns: the TokenRequest with its status.
  public func createToken(
    namespace: String, name: String, _ request: JSON, _ options: WriteOptions
  ) async throws(Status) -> JSON {
    let account = try get(storedKind(.serviceAccounts), namespace: namespace, name: name)
    let spec = request["spec"] ?? .emptyObject
    let seconds = spec["expirationSeconds"]?.int ?? 3600
    try Self.checkLifetime(seconds)
    var claims = TokenClaims(
      namespace: namespace, account: TokenClaims.Reference(kind: "ServiceAccount", name: name, uid: account.uid),
      audiences: spec.list("audiences").compactMap(\.string), lifetimeSeconds: seconds, id: names.uid(), issued: now)
    if let reference = spec["boundObjectRef"], !reference.isNull { try bind(&claims, to: reference) }
    guard let sign = configuration.signToken else { throw .notImplemented("the server has no key to sign tokens with") }
    let token = try await sign(claims)
    var result = request
    result["apiVersion"] = "authentication.k8s.io/v1"
    result["kind"] = "TokenRequest"
    result["metadata"] = [
      "name": .string(name), "namespace": .string(namespace), "creationTimestamp": .string(now.rfc3339),
    ]
    result["spec", default: .emptyObject].edit { spec in
      spec["expirationSeconds"] = JSON(seconds)
      if claims.audiences.isEmpty { spec["audiences"] = JSON([Self.defaultAudience]) }
      if spec["boundObjectRef"] == nil { spec["boundObjectRef"] = .null }
    }
    result["status"] = [
      "token": .string(token), "expirationTimestamp": .string((now + .seconds(seconds)).rfc3339),
    ]
    return result
  }

  /// Whom tokens are for, unless the request names others.
  public static let defaultAudience = "https://kubernetes.default.svc.cluster.local"

  private static func checkLifetime(_ seconds: Int) throws(Status) {
    let path = Path("spec").child("expirationSeconds")
    var error: FieldError?
    if seconds < 600 { error = .invalid(path, JSON(seconds), "may not specify a duration less than 10 minutes") }
    if seconds > 1 << 32 {
      error = .invalid(path, JSON(seconds), "may not specify a duration larger than 2^32 seconds")
    }
    if let error { throw .invalid(kind: "TokenRequest", group: "authentication.k8s.io", name: "", [error]) }
  }

  private func bind(_ claims: inout TokenClaims, to reference: JSON) throws(Status) {
    let kind = reference.text("kind")
    let resources: [String: GroupResource] = ["Pod": .pods, "Secret": .secrets, "Node": .nodes]
    guard let resource = resources[kind] else {
      throw .badRequest("cannot bind token to object of type \(reference.text("apiVersion")), Kind=\(kind)")
    }
    let name = reference.text("name")
    let key = Key(resource, namespace: kind == "Node" ? "" : claims.namespace, name: name)
    guard let object = snapshot[key] else { throw .notFound(resource, name) }
    let uid = reference.text("uid")
    if !uid.isEmpty, uid != object.uid {
      throw .conflict(
        resource, name,
        "the UID in the bound object reference (\(uid)) does not match the UID in record. The object might "
          + "have been deleted and then recreated")
    }
    claims.bound = TokenClaims.Reference(kind: kind, name: name, uid: object.uid)
    guard kind == "Pod" else { return }
    let spec = object.json["spec"] ?? .emptyObject
    guard spec.text("serviceAccountName") == claims.account.name else {
      throw .badRequest(
        "cannot bind token for serviceaccount \(Status.quoted(claims.account.name)) to pod running with "
          + "different serviceaccount name.")
    }
    let node = spec.text("nodeName")
    if let found = snapshot[Key(.nodes, name: node)] {
      claims.node = TokenClaims.Reference(kind: "Node", name: node, uid: found.uid)
    }
  }
}
