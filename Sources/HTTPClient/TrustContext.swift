import COpenSSL
import Glibc
import Synchronization

/// The authorities that servers are trusted by, shared by all connections that trust them.
final class TrustContext: @unchecked Sendable {
  private let context: OpaquePointer

  /// - Parameter authorities: in PEM; empty for those of the system.
  init(_ authorities: [UInt8]) throws(ClientError) {
    guard let context = SSL_CTX_new(TLS_client_method()) else { throw ClientError("tls: out of memory") }
    self.context = context
    tls_client_prepare(context)
    if authorities.isEmpty {
      SSL_CTX_set_default_verify_paths(context)
    } else {
      guard Self.add(authorities, to: context) else {
        throw ClientError("unable to load root certificates: unable to parse bytes as PEM block")
      }
    }
    ERR_clear_error()
  }

  deinit { SSL_CTX_free(context) }

  private static func add(_ pem: [UInt8], to context: OpaquePointer) -> Bool {
    pem.withUnsafeBytes { bytes in
      guard let reader = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return false }
      defer { BIO_free(reader) }
      let store = SSL_CTX_get_cert_store(context)
      var count = 0
      while let certificate = PEM_read_bio_X509(reader, nil, nil, nil) {
        X509_STORE_add_cert(store, certificate)
        X509_free(certificate)
        count += 1
      }
      return count > 0
    }
  }

  /// The TLS side of a connection to a server of this name or address; nil when OpenSSL has no memory.
  func makeSession(for name: String, _ descriptor: Int32) -> OpaquePointer? {
    guard let session = SSL_new(context) else { return nil }
    if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) != 1 {
      SSL_set1_host(session, name)
      tls_client_name(session, name)
    }
    ERR_clear_error()
    SSL_set_connect_state(session)
    guard SSL_set_fd(session, descriptor) == 1 else {
      SSL_free(session)
      return nil
    }
    return session
  }

  /// What is wrong with the server's certificate, in the words of Go's library; nil when it is not that.
  static func problem(_ session: OpaquePointer, _ name: String) -> ClientError? {
    let verdict = SSL_get_verify_result(session)
    let why: String
    switch Int32(verdict) {
    case X509_V_OK: return nil
    case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID:
      why = "certificate has expired or is not yet valid"
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: why = "certificate is not valid for \(name)"
    default: why = "certificate signed by unknown authority"
    }
    return ClientError("tls: failed to verify certificate: x509: \(why)")
  }
}

/// Authorities that were read, by their text.
final class TrustTable: Sendable {
  private let known = Mutex<[[UInt8]: TrustContext]>([:])
  private static let limit = 256

  func context(_ authorities: [UInt8]) throws(ClientError) -> TrustContext {
    if let context = known.withLock({ $0[authorities] }) { return context }
    let context = try TrustContext(authorities)
    known.withLock { known in
      if known.count >= Self.limit { known = [:] }
      known[authorities] = context
    }
    return context
  }
}
