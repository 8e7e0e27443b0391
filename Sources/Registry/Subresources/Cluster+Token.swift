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
  /// When it should have been renewed, for a token that is good for longer than was asked.
  public var warnAfter: Instant?
  /// `jti`
  public var id: String
  public var issued: Instant
}

/// Makes the text of a token; the cluster has no keys of its own.
public typealias TokenSigner = @Sendable (TokenClaims) throws(Status) -> String

extension Cluster {
  /// `serviceaccounts/token`: a token for an account, bound to a pod, secret or node when the request says so.
  /// - Returns: the TokenRequest with its status.
  public func createToken(
    namespace: String, name: String, _ request: JSON, _ options: WriteOptions
  ) async throws(Status) -> JSON {
    try Self.checkSubject(of: request, namespace, name)
    let account = try get(storedKind(.serviceAccounts), namespace: namespace, name: name)
    try NodeRestriction.admitToken(namespace, name, request, options.caller, snapshot)
    let spec = request["spec"] ?? .emptyObject
    let seconds = spec["expirationSeconds"]?.int ?? 3600
    try Self.checkLifetime(seconds)
    var claims = TokenClaims(
      namespace: namespace, account: TokenClaims.Reference(kind: "ServiceAccount", name: name, uid: account.uid),
      audiences: spec.list("audiences").compactMap(\.string), lifetimeSeconds: seconds, id: names.uid(), issued: now)
    if let reference = spec["boundObjectRef"], !reference.isNull { try bind(&claims, to: reference) }
    let token = try sign(claims)
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

  /// Fills a secret of type `kubernetes.io/service-account-token`: a token that ends with the secret, whom to trust, and where
  /// the account is.
  /// - Throws: 404 when secret or account is missing.
  public func issueToken(
    forSecret name: String, namespace: String, _ options: WriteOptions
  ) async throws(Status) -> Object {
    let kind = storedKind(.secrets)
    let secret = try get(kind, namespace: namespace, name: name)
    let accountName = secret.json.at("metadata", "annotations", Self.accountAnnotation)?.string ?? ""
    let account = try get(storedKind(.serviceAccounts), namespace: namespace, name: accountName)
    let token = try sign(
      TokenClaims(
        namespace: namespace,
        account: TokenClaims.Reference(kind: "ServiceAccount", name: accountName, uid: account.uid),
        bound: TokenClaims.Reference(kind: "Secret", name: name, uid: secret.uid), audiences: [],
        lifetimeSeconds: Self.secretTokenSeconds, id: names.uid(), issued: now))
    func encoded(_ text: String) -> JSON { .string(Base64.encode(Array(text.utf8))) }
    let patch: JSON = [
      "metadata": [
        "uid": .string(secret.uid), "annotations": ["kubernetes.io/service-account.uid": .string(account.uid)],
      ],
      "data": [
        "token": encoded(token), "ca.crt": encoded(configuration.authority), "namespace": encoded(namespace),
      ],
    ]
    return try await self.patch(
      kind, namespace: namespace, name: name, subresource: nil, Patch(.merge, patch), options
    ).object
  }

  /// What a pod finds in its volume `serviceAccountToken`: a token that ends with the pod.
  /// - Parameter audience: "" for the server itself.
  /// - Throws: 404 when pod or account are gone.
  public func podToken(_ pod: Key, uid: String, audience: String, seconds: Int) throws(Status) -> String {
    guard let object = snapshot[pod], object.uid == uid else { throw .notFound(.pods, pod.name) }
    let name = object.json["spec"]?.text("serviceAccountName") ?? ""
    let account = try get(storedKind(.serviceAccounts), namespace: pod.namespace, name: name)
    var claims = TokenClaims(
      namespace: pod.namespace, account: TokenClaims.Reference(kind: "ServiceAccount", name: name, uid: account.uid),
      audiences: audience.isEmpty ? [] : [audience], lifetimeSeconds: max(seconds, 600), id: names.uid(), issued: now)
    try bind(&claims, to: ["kind": "Pod", "apiVersion": "v1", "name": .string(pod.name), "uid": .string(uid)])
    return try sign(claims)
  }

  /// Pods that never read their token again are not shut out after the hour that admission asks for, but warned of.
  private func sign(_ claims: TokenClaims) throws(Status) -> String {
    guard let sign = configuration.signToken else { throw .notImplemented("the server has no key to sign tokens with") }
    var claims = claims
    let isForServer = claims.audiences.isEmpty || claims.audiences == [Self.defaultAudience]
    if claims.bound?.kind == "Pod", claims.lifetimeSeconds == Self.warnedSeconds, isForServer {
      claims.warnAfter = claims.issued + .seconds(claims.lifetimeSeconds)
      claims.lifetimeSeconds = Self.extendedSeconds
    }
    return try sign(claims)
  }

  /// What admission asks for, and only it: the number is how it is known.
  private static let warnedSeconds = 3607
  private static let extendedSeconds = 365 * 24 * 3600
  private static let accountAnnotation = "kubernetes.io/service-account.name"
  /// Tokens in secrets are to last as long as their secret: ten years.
  private static let secretTokenSeconds = 10 * 365 * 24 * 3600

  /// Whom tokens are for, unless the request names others.
  public static let defaultAudience = "https://kubernetes.default.svc.cluster.local"

  /// - Throws: 422 when the request names another account than its path does.
  private static func checkSubject(of request: JSON, _ namespace: String, _ name: String) throws(Status) {
    for (field, wanted) in [("name", name), ("namespace", namespace)] {
      let given = request["metadata"]?.text(field) ?? ""
      if given.isEmpty || given == wanted { continue }
      let error = FieldError.invalid(
        Path("metadata").child(field), .string(given), "must match the service account \(field) if specified")
      throw .invalid(kind: "TokenRequest", group: "authentication.k8s.io", name: name, [error])
    }
  }

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
    let version = reference.text("apiVersion")
    guard let resource = resources[kind], !version.contains("/") else {
      let type = version.contains("/") ? version : "/" + version
      throw .badRequest("cannot bind token to object of type \(type), Kind=\(kind)")
    }
    let name = reference.text("name")
    let key = Key(resource, namespace: kind == "Node" ? "" : claims.namespace, name: name)
    guard let object = snapshot[key] else { throw .notFound(resource, name) }
    let uid = reference.text("uid")
    if !uid.isEmpty, uid != object.uid {
      throw .conflict(
        GroupResource("", kind), name,
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
