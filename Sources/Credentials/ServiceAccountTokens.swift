import Crypto
import Foundation
import JWTKit
import Values

/// Signs and checks the tokens of service accounts (JWT, ES256; claims as in KEP-1205 bound service account tokens).
public struct ServiceAccountTokens: Sendable {
  public let issuer: String
  private let keys: JWTKeyCollection
  private let keyID: String
  private let publicKey: P256.Signing.PublicKey

  /// What a token says: the object names and UIDs have to be checked against the cluster by the caller.
  public struct Claims: Sendable, Equatable, Codable {
    public var namespace: String
    public var serviceAccount: Reference
    public var pod: Reference?
    public var node: Reference?
    public var secret: Reference?

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
    }

    public init(
      namespace: String, serviceAccount: Reference, pod: Reference? = nil, node: Reference? = nil,
      secret: Reference? = nil
    ) {
      self.namespace = namespace
      self.serviceAccount = serviceAccount
      self.pod = pod
      self.node = node
      self.secret = secret
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

  /// - Parameter keyPEM: a P-256 private key.
  public init(keyPEM: String, issuer: String) async throws {
    let key = try P256.Signing.PrivateKey(pemRepresentation: keyPEM)
    publicKey = key.publicKey
    keyID = Data(SHA256.hash(data: publicKey.derRepresentation)).base64URL
    self.issuer = issuer
    keys = JWTKeyCollection()
    await keys.add(ecdsa: try ES256PrivateKey(pem: keyPEM), kid: JWKIdentifier(string: keyID))
  }

  public static func makeKeyPEM() -> String { P256.Signing.PrivateKey().pemRepresentation }

  /// - Parameter lifetime: from now until the token expires.
  public func sign(_ claims: Claims, audiences: [String], lifetime: Duration, id: String, now: Instant) async throws
    -> String
  {
    let payload = Payload(
      iss: issuer, sub: "system:serviceaccount:\(claims.namespace):\(claims.serviceAccount.name)", aud: audiences,
      exp: (now + lifetime).seconds, iat: now.seconds, nbf: now.seconds, jti: id, kubernetes: claims)
    return try await keys.sign(payload, kid: JWKIdentifier(string: keyID))
  }

  /// Checks signature, issuer and times; audiences and bound objects are the caller's business.
  public func verify(_ token: String, now: Instant) async throws -> Verified {
    let payload: Payload
    do {
      payload = try await keys.verify(token, as: Payload.self)
    } catch {
      throw Failure.malformed("\(error)")
    }
    guard payload.iss == issuer else { throw Failure.malformed("issued by \(payload.iss)") }
    guard now.seconds < payload.exp else { throw Failure.expired }
    guard now.seconds >= payload.nbf else { throw Failure.notYetValid }
    return Verified(
      claims: payload.kubernetes, audiences: payload.aud, id: payload.jti, expires: Instant(seconds: payload.exp))
  }

  /// The public key as a JSON Web Key Set, for `/openid/v1/jwks`.
  public var jwks: String {
    let point = publicKey.rawRepresentation
    let x = point.prefix(32).base64URL
    let y = point.suffix(32).base64URL
    return
      #"{"keys":[{"use":"sig","kty":"EC","kid":"\#(keyID)","crv":"P-256","alg":"ES256","x":"\#(x)","y":"\#(y)"}]}"#
  }
}

private struct Payload: JWTPayload {
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

  /// Times are checked by `ServiceAccountTokens.verify`, against the cluster's clock.
  func verify(using algorithm: some JWTAlgorithm) async throws {}
}

extension Data {
  var base64URL: String {
    base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
      .replacingOccurrences(of: "=", with: "")
  }
}
