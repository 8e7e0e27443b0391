import Crypto
import CryptoExtras
import Foundation
import Values

/// A key that signs tokens, in the terms of JSON Web Signatures (RFC 7515, RFC 7518).
enum SigningKey: Sendable {
  case rsa(_RSA.Signing.PrivateKey)
  /// Of clusters that were made before tokens were signed with RSA; it stays theirs.
  case elliptic(P256.Signing.PrivateKey)

  /// As the stock server makes them.
  static func make() throws -> SigningKey { .rsa(try _RSA.Signing.PrivateKey(keySize: .bits2048)) }

  init(pem: String) throws {
    if let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) {
      self = .elliptic(key)
    } else {
      self = .rsa(try _RSA.Signing.PrivateKey(pemRepresentation: pem))
    }
  }

  var pem: String {
    switch self {
    case .rsa(let key): key.pkcs8PEMRepresentation + "\n"
    case .elliptic(let key): key.pemRepresentation
    }
  }

  /// `alg`
  var algorithm: String {
    switch self {
    case .rsa: "RS256"
    case .elliptic: "ES256"
    }
  }

  /// `kid`: the digest of the public key.
  var id: String {
    let der =
      switch self {
      case .rsa(let key): key.publicKey.derRepresentation
      case .elliptic(let key): key.publicKey.derRepresentation
      }
    return Base64.encodeURL(Array(SHA256.hash(data: der)))
  }

  func sign(_ text: String) throws -> [UInt8] {
    switch self {
    case .rsa(let key): Array(try key.signature(for: Data(text.utf8), padding: .insecurePKCS1v1_5).rawRepresentation)
    case .elliptic(let key): Array(try key.signature(for: Data(text.utf8)).rawRepresentation)
    }
  }

  func isValid(_ signature: [UInt8], for text: String) -> Bool {
    switch self {
    case .rsa(let key):
      return key.publicKey.isValidSignature(
        _RSA.Signing.RSASignature(rawRepresentation: signature), for: Data(text.utf8), padding: .insecurePKCS1v1_5)
    case .elliptic(let key):
      guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
      return key.publicKey.isValidSignature(signature, for: Data(text.utf8))
    }
  }

  /// The public half as a JSON Web Key.
  var publicJSON: String {
    get throws {
      let head = #"{"use":"sig","kty":"\#(kind)","kid":"\#(id)""#
      switch self {
      case .rsa(let key):
        let numbers = try key.publicKey.getKeyPrimitives()
        let n = Base64.encodeURL(Array(numbers.modulus))
        let e = Base64.encodeURL(Array(numbers.publicExponent))
        return head + #","alg":"RS256","n":"\#(n)","e":"\#(e)"}"#
      case .elliptic(let key):
        let point = key.publicKey.rawRepresentation
        let x = Base64.encodeURL(Array(point.prefix(32)))
        let y = Base64.encodeURL(Array(point.suffix(32)))
        return head + #","crv":"P-256","alg":"ES256","x":"\#(x)","y":"\#(y)"}"#
      }
    }
  }

  private var kind: String {
    switch self {
    case .rsa: "RSA"
    case .elliptic: "EC"
    }
  }
}
