import Crypto
import Foundation
import Values

/// The signature of a text by a bootstrap token: a JWS with HS256 whose content is left out (RFC 7515, appendix F).
public enum BootstrapSignature {
  /// Shorter keys are filled with zeros, as the stock signer does.
  private static let keySize = 32

  /// - Parameter tokenID: the public half of the token, six letters.
  /// - Parameter secret: the other half.
  public static func detached(_ content: String, tokenID: String, secret: String) -> String {
    let header = Base64.encodeURL(Array("{\"alg\":\"HS256\",\"kid\":\"\(tokenID)\"}".utf8))
    var key = Array(secret.utf8)
    if key.count < keySize { key += Array(repeating: 0, count: keySize - key.count) }
    let signed = "\(header).\(Base64.encodeURL(Array(content.utf8)))"
    let code = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: SymmetricKey(data: key))
    return "\(header)..\(Base64.encodeURL(Array(code)))"
  }
}
