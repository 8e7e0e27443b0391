import COpenSSL
import CSystem
import Glibc

@testable import HTTPServer

/// A blocking client socket, in clear or over TLS, that gives up after ten seconds of silence.
final class TestSocket {
  let descriptor: Int32
  private var tls: OpaquePointer?
  private var context: OpaquePointer?
  private var received: [UInt8] = []
  private var isClosed = false

  init(_ address: SocketAddress) throws {
    descriptor = system_connect(address.host, UInt16(address.port))
    guard descriptor >= 0 else { throw TestFailure("cannot connect") }
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close() }

  func close() {
    // Once: afterwards the number may be another socket's.
    guard !isClosed else { return }
    isClosed = true
    if let tls { SSL_free(tls) }
    if let context { SSL_CTX_free(context) }
    (tls, context) = (nil, nil)
    if descriptor >= 0 { system_close(descriptor) }
  }

  /// Speaks TLS from here on; returns the protocol the server chose.
  func startTLS(offering protocols: [String], certificate: String? = nil, key: String? = nil) throws -> String {
    context = SSL_CTX_new(TLS_client_method())
    if let certificate, let key {
      let parsed = read(certificate) { PEM_read_bio_X509($0, nil, nil, nil) }
      let parsedKey = read(key) { PEM_read_bio_PrivateKey($0, nil, nil, nil) }
      SSL_CTX_use_certificate(context, parsed)
      SSL_CTX_use_PrivateKey(context, parsedKey)
      X509_free(parsed)
      EVP_PKEY_free(parsedKey)
    }
    tls = SSL_new(context)
    let wire = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    SSL_set_alpn_protos(tls, wire, UInt32(wire.count))
    SSL_set_fd(tls, descriptor)
    guard SSL_connect(tls) == 1 else { throw TestFailure("the TLS handshake failed") }
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(tls, &name, &count)
    return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
  }

  private func read(_ pem: String, _ body: (OpaquePointer?) -> OpaquePointer?) -> OpaquePointer? {
    Array(pem.utf8).withUnsafeBytes { bytes in
      let reader = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
      defer { BIO_free(reader) }
      return body(reader)
    }
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer -> Int in
        let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
        if let tls { return Int(SSL_write(tls, rest.baseAddress, Int32(rest.count))) }
        return Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw TestFailure("cannot send: \(String(cString: strerror(errno)))") }
      sent += count
    }
  }

  func endOutput() { system_shutdown_write(descriptor) }

  /// What comes next; empty at the end of the connection.
  func receive() throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count =
      tls.map { Int(SSL_read($0, &buffer, Int32(buffer.count))) } ?? recv(descriptor, &buffer, buffer.count, 0)
    if count < 0 && tls == nil && errno == EAGAIN { throw TestFailure("silence") }
    return Array(buffer[..<max(0, count)])
  }

  /// Whether anything comes within so many milliseconds.
  func hasInput(within milliseconds: Int32) -> Bool {
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return !received.isEmpty || poll(&state, 1, milliseconds) > 0
  }

  /// All until the server closes.
  func receiveAll() throws -> String {
    var bytes = received
    received = []
    while case let more = try receive(), !more.isEmpty { bytes += more }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Up to and with `mark`; what follows is kept.
  func receive(through mark: String) throws -> String {
    let mark = Array(mark.utf8)
    while true {
      if let end = received.indices.first(where: { received[$0...].starts(with: mark) }) {
        defer { received.removeFirst(end + mark.count) }
        return String(decoding: received[..<(end + mark.count)], as: UTF8.self)
      }
      let more = try receive()
      if more.isEmpty { throw TestFailure("closed; so far: \(String(decoding: received, as: UTF8.self))") }
      received += more
    }
  }

  func receive(count: Int) throws -> [UInt8] {
    while received.count < count {
      let more = try receive()
      if more.isEmpty { throw TestFailure("closed after \(received.count) bytes") }
      received += more
    }
    defer { received.removeFirst(count) }
    return Array(received[..<count])
  }

  /// One response with a Content-Length: its header and its body.
  func receiveResponse(hasBody: Bool = true) throws -> (head: String, body: String) {
    let head = try receive(through: "\r\n\r\n")
    let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
    let length = line.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
    return (head, String(decoding: try receive(count: hasBody ? length : 0), as: UTF8.self))
  }
}
