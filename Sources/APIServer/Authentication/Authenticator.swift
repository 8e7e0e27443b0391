import HTTPServer
import Objects
import Registry
import Synchronization
import Values

/// Finds out who sent a request.
final class Authenticator: Sendable {
  enum Outcome {
    case caller(Caller)
    case rejected
    /// A token that has not been seen before: its signature is to be checked first.
    case unknownToken(String)
  }

  private struct Known {
    var tokens: [String: TokenIdentity] = [:]
    var certificates: [[UInt8]: CertificateIdentity] = [:]
  }

  /// How many checked credentials are remembered; beyond it all are forgotten and checked anew.
  private static let knownLimit = 4096

  private let configuration: Authentication
  private let cluster: Cluster
  /// For whom a token must be meant to open this door; tokens for others only pass through TokenReviews.
  private let audience: String
  private let known = Mutex(Known())
  private let secretTokens: SecretTokens

  init(_ configuration: Authentication, _ cluster: Cluster, audience: String) {
    self.configuration = configuration
    self.cluster = cluster
    self.audience = audience
    secretTokens = SecretTokens(cluster)
  }

  func authenticate(_ request: Request) -> Outcome {
    if let token = Self.token(request) {
      if let caller = configuration.tokens[token] { return .caller(caller) }
      guard configuration.verifyToken != nil else { return .rejected }
      guard let identity = known.withLock({ $0.tokens[token] }) else { return .unknownToken(token) }
      return admitted(identity).map { .caller($0) } ?? .rejected
    }
    if let der = request.peerCertificateDER, let identity = identity(ofCertificate: der) {
      return identity.validity.contains(cluster.now) ? .caller(identity.caller) : .rejected
    }
    if configuration.trustsLoopback, request.remote.isLoopback { return .caller(Authentication.administrator) }
    return configuration.allowsAnonymous ? .caller(.anonymous) : .rejected
  }

  /// Checks a token that has not been seen before.
  func authenticate(token: String) async -> Caller? {
    await identify(token).flatMap { admitted($0) }
  }

  private func admitted(_ identity: TokenIdentity) -> Caller? {
    identity.audiences.contains(audience) ? caller(of: identity) : nil
  }

  /// What a token says, if it can be trusted.
  func identify(_ token: String) async -> TokenIdentity? {
    let now = cluster.now
    guard let identity = await configuration.verifyToken?(token, now) else { return nil }
    known.withLock { known in
      if known.tokens.count >= Self.knownLimit { known.tokens.removeAll() }
      known.tokens[token] = identity
    }
    return identity
  }

  /// The caller that one of the fixed tokens stands for.
  func fixedCaller(_ token: String) -> Caller? { configuration.tokens[token] }

  /// The user behind a token, while the token's time lasts and its objects are the same ones.
  func caller(of identity: TokenIdentity) -> Caller? {
    guard cluster.now < identity.expires else { return nil }
    let snapshot = cluster.snapshot
    func isAlive(_ resource: String, _ namespace: String, _ reference: TokenIdentity.Reference?) -> Bool {
      guard let reference else { return true }
      let key = Key(GroupResource("", resource), namespace: namespace, name: reference.name)
      return snapshot[key]?.uid == reference.uid
    }
    let isGood =
      isAlive("serviceaccounts", identity.namespace, identity.account)
      && isAlive("pods", identity.namespace, identity.pod) && isAlive("secrets", identity.namespace, identity.secret)
      && isAlive("nodes", "", identity.pod == nil ? identity.node : nil)
    return isGood && secretTokens.admits(identity) ? identity.caller : nil
  }

  private func identity(ofCertificate der: [UInt8]) -> CertificateIdentity? {
    if let identity = known.withLock({ $0.certificates[der] }) { return identity }
    guard var identity = configuration.readCertificate?(der) else { return nil }
    identity.caller.groups.append("system:authenticated")
    known.withLock { known in
      if known.certificates.count >= Self.knownLimit { known.certificates.removeAll() }
      known.certificates[der] = identity
    }
    return identity
  }

  /// `Authorization: Bearer …`, or the subprotocol by which browsers send a token with a WebSocket.
  private static func token(_ request: Request) -> String? {
    if let header = request.headerBytes("authorization") {
      let scheme = header.prefix { $0 != UInt8(ascii: " ") }
      guard scheme.count == 6, scheme.map({ $0 | 0x20 }) == Array("bearer".utf8) else { return nil }
      let token = header.dropFirst(7)
      return token.isEmpty ? nil : String(decoding: token, as: UTF8.self)
    }
    if request.headerBytes("sec-websocket-protocol") == nil { return nil }
    let prefix = "base64url.bearer.authorization.k8s.io."
    for line in request.headers("sec-websocket-protocol") {
      for item in line.split(separator: ",") {
        let word = item.drop { $0 == " " }
        guard word.hasPrefix(prefix), let bytes = Base64.decodeURL(String(word.dropFirst(prefix.count))) else {
          continue
        }
        return String(decoding: bytes, as: UTF8.self)
      }
    }
    return nil
  }
}
