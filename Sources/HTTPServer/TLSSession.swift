import COpenSSL
import Glibc

/// One connection's TLS, reading and writing its socket itself.
final class TLSSession {
  struct Identity {
    var speaksHTTP2: Bool
    var certificateDER: [UInt8]?
    var certificateProblem: String?
  }

  enum Handshake {
    case done(Identity)
    case waiting
    case failed
  }

  /// The largest record; more in one call would be split anyway.
  static let recordBytes = 16 * 1024

  private let handle: OpaquePointer
  /// OpenSSL can't go on before the socket takes bytes.
  private(set) var wantsWrite = false
  private var isBroken = false

  init(_ handle: OpaquePointer) {
    self.handle = handle
    SSL_set_accept_state(handle)
  }

  deinit { SSL_free(handle) }

  func handshake() -> Handshake {
    ERR_clear_error()
    let code = SSL_do_handshake(handle)
    if code == 1 {
      wantsWrite = false
      return .done(identity())
    }
    return isWaiting(code) ? .waiting : .failed
  }

  private func identity() -> Identity {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(handle, &name, &count)
    let speaksHTTP2 = UnsafeBufferPointer(start: name, count: Int(count)).elementsEqual(("h2" as StaticString).bytes)
    guard let certificate = tls_peer_certificate(handle) else { return Identity(speaksHTTP2: speaksHTTP2) }
    defer { X509_free(certificate) }
    let verdict = SSL_get_verify_result(handle)
    guard verdict == Int(X509_V_OK) else {
      let problem = X509_verify_cert_error_string(verdict).map { String(cString: $0) }
      return Identity(speaksHTTP2: speaksHTTP2, certificateProblem: problem ?? "unknown")
    }
    return Identity(speaksHTTP2: speaksHTTP2, certificateDER: Self.encode(certificate))
  }

  private static func encode(_ certificate: OpaquePointer) -> [UInt8]? {
    let count = i2d_X509(certificate, nil)
    guard count > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    bytes.withUnsafeMutableBufferPointer { bytes in
      var end = bytes.baseAddress
      i2d_X509(certificate, &end)
    }
    return bytes
  }

  /// As `system_read`: 0 at the end, -EAGAIN when there is nothing, another negative number on failure.
  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
    ERR_clear_error()
    let count = SSL_read(handle, buffer.baseAddress, Int32(clamping: buffer.count))
    if count > 0 { return Int(count) }
    if SSL_get_error(handle, count) == SSL_ERROR_ZERO_RETURN { return 0 }
    return isWaiting(count) ? -Int(EAGAIN) : -Int(EIO)
  }

  /// Writes the next record's worth; 0 when the socket takes no more, negative on failure.
  func write(_ pending: PendingOutput, through record: UnsafeMutableBufferPointer<UInt8>) -> Int {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: 64) { vectors in
      let partCount = pending.gather(into: vectors)
      var count = 0
      for part in vectors[..<partCount] where count < record.count {
        let taken = min(part.iov_len, record.count - count)
        if taken > 0 { memcpy(record.baseAddress! + count, part.iov_base, taken) }
        count += taken
      }
      ERR_clear_error()
      let written = SSL_write(handle, record.baseAddress, Int32(count))
      if written > 0 {
        wantsWrite = false
        return Int(written)
      }
      return isWaiting(written) ? 0 : -Int(EIO)
    }
  }

  /// Says goodbye; whether the peer hears it doesn't matter.
  func shutDown() {
    if !isBroken { SSL_shutdown(handle) }
    ERR_clear_error()
  }

  private func isWaiting(_ code: Int32) -> Bool {
    let error = SSL_get_error(handle, code)
    wantsWrite = error == SSL_ERROR_WANT_WRITE
    isBroken = error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL
    return wantsWrite || error == SSL_ERROR_WANT_READ
  }
}
