import COpenSSL
import Values

/// A listener's certificate and rules, shared by all its connections.
final class TLSContext: @unchecked Sendable {
  private let context: OpaquePointer

  init(_ configuration: TLSConfiguration) throws(ServerError) {
    guard let context = SSL_CTX_new(TLS_server_method()) else { throw .badCertificate(Self.lastError) }
    self.context = context
    tls_context_prepare(context)
    try Self.useChain(context, configuration.certificateChainPEM)
    try Self.useKey(context, configuration.privateKeyPEM)
    if let authorities = configuration.clientAuthoritiesPEM { try Self.trust(context, authorities) }
    if !configuration.checksClientTimes {
      X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), UInt(X509_V_FLAG_NO_CHECK_TIME))
    }
    SSL_CTX_set_alpn_select_cb(context, Self.selectProtocol, nil)
  }

  deinit { SSL_CTX_free(context) }

  /// The TLS side of a connection; nil when OpenSSL has no memory.
  func makeSession(_ descriptor: Int32) -> TLSSession? {
    guard let handle = SSL_new(context) else { return nil }
    let session = TLSSession(handle)
    return SSL_set_fd(handle, descriptor) == 1 ? session : nil
  }

  private static func useChain(_ context: OpaquePointer, _ pem: [UInt8]) throws(ServerError) {
    var certificates = try certificates(pem)[...]
    defer { for certificate in certificates { X509_free(certificate) } }
    guard let leaf = certificates.popFirst() else { throw .badCertificate("the chain is empty") }
    defer { X509_free(leaf) }
    guard SSL_CTX_use_certificate(context, leaf) == 1 else { throw .badCertificate(lastError) }
    for certificate in certificates where tls_context_add_chain(context, certificate) != 1 {
      throw .badCertificate(lastError)
    }
  }

  private static func useKey(_ context: OpaquePointer, _ pem: [UInt8]) throws(ServerError) {
    guard let key = read(pem, { PEM_read_bio_PrivateKey($0, nil, nil, nil) }) else { throw .badCertificate(lastError) }
    defer { EVP_PKEY_free(key) }
    guard SSL_CTX_use_PrivateKey(context, key) == 1, SSL_CTX_check_private_key(context) == 1 else {
      throw .badCertificate(lastError)
    }
  }

  /// Runs `body` with a reader over `pem`; the reader refers to the bytes, so both must end together.
  private static func read<Result>(_ pem: [UInt8], _ body: (OpaquePointer) -> Result?) -> Result? {
    pem.withUnsafeBytes { bytes in
      guard let reader = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
      defer { BIO_free(reader) }
      return body(reader)
    }
  }

  /// Clients are told which authorities count, so that they can pick the right certificate.
  private static func trust(_ context: OpaquePointer, _ pem: [UInt8]) throws(ServerError) {
    let certificates = try certificates(pem)
    defer { for certificate in certificates { X509_free(certificate) } }
    for certificate in certificates {
      guard X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) == 1,
        SSL_CTX_add_client_CA(context, certificate) == 1
      else { throw .badCertificate(lastError) }
    }
    tls_context_request_client_certificate(context)
  }

  private static func certificates(_ pem: [UInt8]) throws(ServerError) -> [OpaquePointer] {
    let certificates = read(pem) { reader in
      var certificates: [OpaquePointer] = []
      while let certificate = PEM_read_bio_X509(reader, nil, nil, nil) { certificates.append(certificate) }
      return certificates
    }
    ERR_clear_error()  // The end of the text is an error to OpenSSL.
    guard let certificates, !certificates.isEmpty else { throw .badCertificate("no certificate in the PEM text") }
    return certificates
  }

  private static var lastError: String {
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(ERR_get_error(), &text, text.count)
    ERR_clear_error()
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// `h2` when the client offers it, otherwise `http/1.1`; a client that offers neither goes without.
  private static let selectProtocol: SSL_CTX_alpn_select_cb_func = { _, chosen, chosenCount, offered, offeredCount, _ in
    let offers = UnsafeBufferPointer(start: offered, count: Int(offeredCount))
    for wanted in ["h2" as StaticString, "http/1.1"] {
      var index = 0
      while index < offers.count, index + 1 + Int(offers[index]) <= offers.count {
        let name = UnsafeBufferPointer(rebasing: offers[index + 1..<index + 1 + Int(offers[index])])
        if name.elementsEqual(wanted.bytes) {
          chosen?.pointee = name.baseAddress
          chosenCount?.pointee = UInt8(name.count)
          return SSL_TLSEXT_ERR_OK
        }
        index += 1 + name.count
      }
    }
    return SSL_TLSEXT_ERR_NOACK
  }
}
