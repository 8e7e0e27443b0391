import COpenSSL
import EventLoops
import Glibc
import Values

/// A TLS connection whose calls wait until they are done, or until it is too late. One thread at a time uses it.
final class ClientConnection: @unchecked Sendable {
  /// Whether anything came since the last request was sent.
  var hasHeard = false
  private let descriptor: Int32
  private let session: OpaquePointer
  private let shown: String

  init(_ place: ConnectionPlace, _ trust: TrustContext, by deadline: Instant) throws(ClientError) {
    shown = "\(place.host):\(place.port)"
    descriptor = try Self.dial(place, by: deadline)
    guard let session = trust.makeSession(for: place.serverName, descriptor) else {
      close(descriptor)
      throw ClientError("tls: out of memory")
    }
    self.session = session
    try handshake(place.serverName, by: deadline)
  }

  deinit {
    SSL_free(session)
    close(descriptor)
  }

  // MARK: TCP

  private static func dial(_ place: ConnectionPlace, by deadline: Instant) throws(ClientError) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(place.host, String(place.port), &hints, &found) == 0 else {
      throw ClientError("dial tcp: lookup \(place.host): no such host")
    }
    defer { freeaddrinfo(found) }
    var failure = ClientError("dial tcp: lookup \(place.host): no such host")
    var next = found
    while let address = next?.pointee {
      do throws(ClientError) {
        return try connect(address, place, by: deadline)
      } catch {
        if error == .timeout { throw error }
        failure = error
      }
      next = address.ai_next
    }
    throw failure
  }

  private static func connect(
    _ address: addrinfo, _ place: ConnectionPlace, by deadline: Instant
  ) throws(ClientError) -> Int32 {
    let type = address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.ai_family, type, address.ai_protocol)
    guard descriptor >= 0 else { throw ClientError("dial tcp: socket: \(words(errno))") }
    var problem: Int32 = Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno
    if problem == EINPROGRESS {
      do throws(ClientError) {
        try wait(descriptor, for: Int16(POLLOUT), by: deadline)
      } catch {
        close(descriptor)
        throw error
      }
      var size = socklen_t(MemoryLayout<Int32>.size)
      if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) != 0 { problem = errno }
    }
    guard problem == 0 else {
      close(descriptor)
      throw ClientError("dial tcp \(numeric(address)): connect: \(words(problem))")
    }
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    return descriptor
  }

  /// `127.0.0.1:443`
  private static func numeric(_ address: addrinfo) -> String {
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let flags = NI_NUMERICHOST | NI_NUMERICSERV
    getnameinfo(
      address.ai_addr, address.ai_addrlen, &host, socklen_t(host.count), &port, socklen_t(port.count), flags)
    func text(_ buffer: [CChar]) -> String {
      String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
    return address.ai_family == AF_INET6 ? "[\(text(host))]:\(text(port))" : "\(text(host)):\(text(port))"
  }

  private static func words(_ code: Int32) -> String {
    switch code {
    case ETIMEDOUT: "connection timed out"
    default: String(cString: strerror(code)).lowercased()
    }
  }

  /// - Throws: when it takes too long.
  private static func wait(_ descriptor: Int32, for events: Int16, by deadline: Instant) throws(ClientError) {
    while true {
      let left = deadline - SystemClock().now
      guard left > .zero else { throw .timeout }
      var entry = pollfd(fd: descriptor, events: events, revents: 0)
      let code = poll(&entry, 1, Int32(clamping: left.nanoseconds / 1_000_000 + 1))
      if code > 0 { return }
      if code < 0, errno != EINTR { throw ClientError("poll: \(words(errno))") }
    }
  }

  // MARK: TLS

  private func handshake(_ name: String, by deadline: Instant) throws(ClientError) {
    while true {
      ERR_clear_error()
      let code = SSL_do_handshake(session)
      if code == 1 { return }
      try waitOrFail(code, by: deadline) { TrustContext.problem(session, name) ?? Self.broken }
    }
  }

  private static var broken: ClientError {
    // A server that speaks no TLS is the usual reason.
    let text = ERR_reason_error_string(ERR_peek_error()).map { String(cString: $0) } ?? "unknown"
    return ClientError(
      ["wrong version number", "http request"].contains(text)
        ? "tls: first record does not look like a TLS handshake" : "remote error: tls: \(text)")
  }

  /// - Parameter failure: what to say when there is nothing to wait for.
  private func waitOrFail(
    _ code: Int32, by deadline: Instant, _ failure: () -> ClientError
  ) throws(ClientError) {
    switch SSL_get_error(session, code) {
    case SSL_ERROR_WANT_READ: try Self.wait(descriptor, for: Int16(POLLIN), by: deadline)
    case SSL_ERROR_WANT_WRITE: try Self.wait(descriptor, for: Int16(POLLOUT), by: deadline)
    case SSL_ERROR_ZERO_RETURN: throw .ended
    case SSL_ERROR_SYSCALL:
      throw errno == ECONNRESET ? ClientError("read tcp \(shown): connection reset by peer") : .ended
    default: throw failure()
    }
  }

  func write(_ bytes: [UInt8], by deadline: Instant) throws(ClientError) {
    var position = 0
    while position < bytes.count {
      ERR_clear_error()
      let count = bytes.withUnsafeBytes { all in
        let rest = UnsafeRawBufferPointer(rebasing: all[position...])
        return SSL_write(session, rest.baseAddress, Int32(clamping: rest.count))
      }
      if count > 0 {
        position += Int(count)
      } else {
        try waitOrFail(count, by: deadline) { ClientError("write tcp \(shown): connection broken") }
      }
    }
  }

  /// What has come, at least a byte; empty at the end.
  func read(by deadline: Instant) throws(ClientError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      ERR_clear_error()
      errno = 0
      let count = SSL_read(session, &buffer, Int32(buffer.count))
      if count > 0 {
        hasHeard = true
        return Array(buffer[..<Int(count)])
      }
      do throws(ClientError) {
        try waitOrFail(count, by: deadline) { .ended }
      } catch {
        if error == .ended { return [] }
        throw error
      }
    }
  }
}
