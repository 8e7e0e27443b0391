import Foundation
import Values

/// Signs and checks the tokens of service accounts (JWT; claims as in KEP-1205 bound service account tokens).
public struct ServiceAccountTokens: Sendable {
  public let issuer: String
  private let key: TokenKey

  /// What a token says: the object names and UIDs have to be checked against the cluster by the caller.
  public struct Claims: Sendable, Equatable, Codable {
    public var namespace: String
    public var serviceAccount: Reference
    public var pod: Reference?
    public var node: Reference?
    public var secret: Reference?
    /// From when on, in seconds since 1970, the server notes that the token is used though it should have been renewed.
    public var warnAfter: Int64?

    public struct Reference: Sendable, Equatable, Codable {
      public var name: String
      public var uid: String

      public init(name: String, uid: String) {
        self.name = name
        self.uid = uid
      }
    }

    enum CodingKeys: String, CodingKey {
      case namespace, pod, node, secret
      case serviceAccount = "serviceaccount"
      case warnAfter = "warnafter"
    }

    public init(
      namespace: String, serviceAccount: Reference, pod: Reference? = nil, node: Reference? = nil,
      secret: Reference? = nil, warnAfter: Int64? = nil
    ) {
      self.namespace = namespace
      self.serviceAccount = serviceAccount
      self.pod = pod
      self.node = node
      self.secret = secret
      self.warnAfter = warnAfter
    }
  }

  /// A token whose signature is good and whose time has come and not gone.
  public struct Verified: Sendable {
    public var claims: Claims
    public var audiences: [String]
    /// The `jti` claim, shown as `authentication.kubernetes.io/credential-id`.
    public var id: String
    public var expires: Instant
  }

  public enum Failure: Error {
    case malformed(String)
    case expired, notYetValid
  }

  public init(key: TokenKey, issuer: String) {
    self.key = key
    self.issuer = issuer
  }

  /// - Parameter lifetime: from now until the token expires.
  /// - Throws: when the key cannot be made or kept.
  public func sign(_ claims: Claims, audiences: [String], lifetime: Duration, id: String, now: Instant) throws -> String
  {
    let key = try key.needed
    let payload = Payload(
      iss: issuer, sub: "system:serviceaccount:\(claims.namespace):\(claims.serviceAccount.name)", aud: audiences,
      exp: (now + lifetime).seconds, iat: now.seconds, nbf: now.seconds, jti: id, kubernetes: claims)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let header = Base64.encodeURL(Array(#"{"alg":"\#(key.algorithm)","kid":"\#(key.id)"}"#.utf8))
    let text = "\(header).\(Base64.encodeURL(Array(try encoder.encode(payload))))"
    return "\(text).\(Base64.encodeURL(try key.sign(text)))"
  }

  /// Checks signature, issuer and times; audiences and bound objects are the caller's business.
  public func verify(_ token: String, now: Instant) throws(Failure) -> Verified {
    let payload = try payload(of: token)
    guard payload.iss == issuer else { throw .malformed("issued by \(payload.iss)") }
    guard now.seconds < payload.exp else { throw .expired }
    guard now.seconds >= payload.nbf else { throw .notYetValid }
    return Verified(
      claims: payload.kubernetes, audiences: payload.aud, id: payload.jti, expires: Instant(seconds: payload.exp))
  }

  private func payload(of token: String) throws(Failure) -> Payload {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let header = Base64.decodeURL(parts[0]), let body = Base64.decodeURL(parts[1]),
      let signature = Base64.decodeURL(parts[2])
    else { throw .malformed("not a signed token") }
    guard let key = key.present else { throw .malformed("no token has been issued yet") }
    do {
      let names = try JSONDecoder().decode(Header.self, from: Data(header))
      guard names.alg == key.algorithm, names.kid == key.id else { throw Failure.malformed("signed by another key") }
      guard key.isValid(signature, for: "\(parts[0]).\(parts[1])") else { throw Failure.malformed("wrong signature") }
      return try JSONDecoder().decode(Payload.self, from: Data(body))
    } catch {
      throw error as? Failure ?? .malformed("\(error)")
    }
  }

  /// What tokens are signed with, for the discovery document.
  public var algorithms: [String] { [key.algorithm] }

  /// The public key as a JSON Web Key Set, for `/openid/v1/jwks`.
  /// - Throws: when the key cannot be made or kept.
  public var jwks: String { get throws { #"{"keys":[\#(try key.needed.publicJSON)]}"# } }
}

/// The head of a token, as RFC 7515 names its parts.
private struct Header: Codable {
  var alg: String
  var kid: String
}

private struct Payload: Codable {
  var iss: String
  var sub: String
  var aud: [String]
  var exp: Int64
  var iat: Int64
  var nbf: Int64
  var jti: String
  var kubernetes: ServiceAccountTokens.Claims

  enum CodingKeys: String, CodingKey {
    case iss, sub, aud, exp, iat, nbf, jti
    case kubernetes = "kubernetes.io"
  }
}

extension Data {
  var base64URL: String { Base64.encodeURL(Array(self)) }
}
