import COpenSSL
import Foundation

/// TLS over a connection, with the certificates that a kubeconfig names.
final class SecureConnection: ClientConnection {
  private let plain: PlainConnection
  private let context: OpaquePointer
  private let session: OpaquePointer

  /// - Throws: `UsageError`, also when the server is not who it should be.
  init(_ plain: PlainConnection, host: String, _ access: ServerAccess) throws {
    self.plain = plain
    guard let context = SSL_CTX_new(TLS_client_method()), let session = Self.prepared(context, access) else {
      throw UsageError(
        description: "\(access.url): the certificates of \(access.source) cannot be used: \(Self.reason)")
    }
    (self.context, self.session) = (context, session)
    // A server that goes away is told by the call that meets it.
    signal(SIGPIPE, SIG_IGN)
    let name = access.serverName ?? host
    if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) != 1 {
      SSL_set1_host(session, name)
      name.withCString { text in
        _ = SSL_ctrl(
          session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), UnsafeMutableRawPointer(mutating: text)
        )
      }
    }
    ERR_clear_error()
    guard SSL_set_fd(session, plain.descriptor) == 1, SSL_connect(session) == 1 else {
      let verdict = SSL_get_verify_result(session)
      let why = verdict == 0 ? Self.reason : String(cString: X509_verify_cert_error_string(verdict))
      throw UsageError(description: "\(access.url): no secure connection: \(why)")
    }
  }

  deinit {
    SSL_free(session)
    SSL_CTX_free(context)
  }

  func write(_ bytes: [UInt8]) throws {
    guard SSL_write(session, bytes, Int32(clamping: bytes.count)) == bytes.count else { throw plain.broken }
  }

  func read() throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: clientPieceSize)
    let count = SSL_read(session, &buffer, Int32(buffer.count))
    if count > 0 { return Array(buffer[..<Int(count)]) }
    // A server that closes without saying so has said all: the answer tells whether it is whole.
    ERR_clear_error()
    return []
  }

  /// nil when one of the certificates is not good.
  private static func prepared(_ context: OpaquePointer, _ access: ServerAccess) -> OpaquePointer? {
    SSL_CTX_set_verify(context, access.isUnchecked ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nil)
    if let authority = access.authorityPEM {
      let store = SSL_CTX_get_cert_store(context)
      let isGood = read(authority) { reader in
        var count = 0
        while let certificate = PEM_read_bio_X509(reader, nil, nil, nil) {
          X509_STORE_add_cert(store, certificate)
          X509_free(certificate)
          count += 1
        }
        return count > 0
      }
      guard isGood else { return nil }
    } else {
      SSL_CTX_set_default_verify_paths(context)
    }
    if let certificate = access.certificatePEM, let key = access.keyPEM {
      guard use(certificate: certificate, key: key, context) else { return nil }
    }
    return SSL_new(context)
  }

  private static func use(certificate: String, key: String, _ context: OpaquePointer) -> Bool {
    guard let leaf = read(certificate, { PEM_read_bio_X509($0, nil, nil, nil) }) else { return false }
    defer { X509_free(leaf) }
    guard let key = read(key, { PEM_read_bio_PrivateKey($0, nil, nil, nil) }) else { return false }
    defer { EVP_PKEY_free(key) }
    return SSL_CTX_use_certificate(context, leaf) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1
  }

  /// Runs `body` with a reader over the text, which must end with it.
  private static func read<Result>(_ pem: String, _ body: (OpaquePointer?) -> Result) -> Result {
    Array(pem.utf8).withUnsafeBytes { bytes in
      let reader = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
      defer { BIO_free(reader) }
      return body(reader)
    }
  }

  private static var reason: String {
    let code = ERR_get_error()
    ERR_clear_error()
    return code == 0 ? "the server ended it" : ERR_reason_error_string(code).map { String(cString: $0) } ?? "\(code)"
  }
}
