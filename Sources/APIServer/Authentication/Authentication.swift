import Registry
import Values

/// How callers prove who they are. Cryptography comes from outside, as functions.
public struct Authentication: Sendable {
  /// Bearer tokens that are known from the start: the administrator's.
  public var tokens: [String: Caller] = [:]
  /// Requests without credentials are those of `system:anonymous`; otherwise they get 401.
  public var allowsAnonymous = true
  /// Requests without credentials from this machine are the administrator's.
  public var trustsLoopback = false
  /// Checks signature and time of a service account's token; whether its objects still exist is checked here.
  public var verifyToken: TokenVerifier?
  /// Reads a client certificate (DER) that the TLS layer has checked but for its times; nil when it names nobody.
  public var readCertificate: (@Sendable (_ der: [UInt8]) -> CertificateIdentity?)?

  public init() {}

  /// Who may do everything without having to say so.
  public static let administrator = Caller(
    name: "kubernetes-admin", groups: [Caller.mastersGroup, "system:authenticated"])
}

/// - Returns: what the token says; nil when it is not to be trusted.
public typealias TokenVerifier = @Sendable (_ token: String, _ now: Instant) async -> TokenIdentity?

/// Whom a client certificate names, and when.
public struct CertificateIdentity: Sendable {
  public var caller: Caller
  /// In the cluster's time.
  public var validity: ClosedRange<Instant>

  public init(caller: Caller, validity: ClosedRange<Instant>) {
    self.caller = caller
    self.validity = validity
  }
}

/// What a service account's token says.
public struct TokenIdentity: Sendable, Hashable {
  public struct Reference: Sendable, Hashable {
    public var name: String
    public var uid: String

    public init(name: String, uid: String) {
      self.name = name
      self.uid = uid
    }
  }

  public var namespace: String
  public var account: Reference
  public var pod: Reference?
  public var node: Reference?
  public var secret: Reference?
  public var audiences: [String]
  /// The `jti` claim.
  public var id: String
  public var expires: Instant

  public init(
    namespace: String, account: Reference, pod: Reference? = nil, node: Reference? = nil, secret: Reference? = nil,
    audiences: [String], id: String, expires: Instant
  ) {
    self.namespace = namespace
    self.account = account
    self.pod = pod
    self.node = node
    self.secret = secret
    self.audiences = audiences
    self.id = id
    self.expires = expires
  }

  /// The user that the token stands for.
  var caller: Caller {
    let prefix = "authentication.kubernetes.io/"
    var extra: [String: [String]] = [prefix + "credential-id": ["JTI=" + id]]
    for (kind, reference) in [("pod", pod), ("node", node)] {
      guard let reference else { continue }
      extra["\(prefix)\(kind)-name"] = [reference.name]
      extra["\(prefix)\(kind)-uid"] = [reference.uid]
    }
    return Caller(
      name: "system:serviceaccount:\(namespace):\(account.name)", uid: account.uid,
      groups: ["system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"], extra: extra)
  }
}
