import CNghttp2
import Foundation

/// One HTTP/2 connection in clear that keeps a number of requests in flight; only as fast as it has to be.
final class LoadClient {
  struct Request {
    var method: String
    var path: String
    var contentType = "application/json"
    var body: [UInt8] = []
  }

  /// Statuses of 400 and above, with the first body that came with one.
  private(set) var failures = 0
  private(set) var firstFailure = ""
  private(set) var completed = 0
  /// Bytes of DATA received.
  private(set) var receivedBytes = 0
  /// Lines of DATA received: events of watches.
  private(set) var receivedLines = 0

  /// The body of the last answer, while `get` waits for it.
  private var body: [UInt8]?

  private let descriptor: Int32
  private var session: OpaquePointer?
  private var bodies: [Int32: (bytes: [UInt8], sent: Int)] = [:]
  private var failed: Set<Int32> = []
  private var open = 0

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw POSIXError(.ECONNREFUSED) }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    makeSession()
  }

  deinit {
    nghttp2_session_del(session)
    close(descriptor)
  }

  /// Sends `count` requests, at most `inFlight` at once, and waits for all answers.
  func run(_ count: Int, inFlight: Int, _ request: (Int) -> Request) throws {
    var next = 0
    let goal = completed + count
    while completed < goal {
      while next < count, open < inFlight {
        submit(request(next))
        next += 1
      }
      try pump()
    }
  }

  /// The body of a GET.
  func get(_ path: String) throws -> [UInt8] {
    body = []
    defer { body = nil }
    try run(1, inFlight: 1) { _ in Request(method: "GET", path: path) }
    return body ?? []
  }

  /// Opens streams that stay open.
  func hold(_ count: Int, _ request: Request) throws {
    for _ in 0..<count { submit(request) }
    try flush()
  }

  /// Reads until `condition` is true.
  func receive(until condition: @autoclosure () -> Bool) throws {
    while !condition() { try pump() }
  }

  private func submit(_ request: Request) {
    open += 1
    let fields = [
      (":method", request.method), (":scheme", "http"), (":authority", "127.0.0.1"), (":path", request.path),
      ("content-type", request.contentType),
    ]
    let storage = fields.map { (strdup($0), $0.utf8.count, strdup($1), $1.utf8.count) }
    defer {
      for field in storage {
        free(field.0)
        free(field.2)
      }
    }
    var values = storage.map { name, nameLength, value, valueLength in
      nghttp2_nv(
        name: UnsafeMutableRawPointer(name!).assumingMemoryBound(to: UInt8.self),
        value: UnsafeMutableRawPointer(value!).assumingMemoryBound(to: UInt8.self), namelen: nameLength,
        valuelen: valueLength, flags: 0)
    }
    var provider = nghttp2_data_provider()
    provider.read_callback = { _, stream, buffer, length, flags, _, context in
      let client = Unmanaged<LoadClient>.fromOpaque(context!).takeUnretainedValue()
      guard var body = client.bodies[stream] else { return 0 }
      let count = min(length, body.bytes.count - body.sent)
      _ = body.bytes.withUnsafeBufferPointer { memcpy(buffer!, $0.baseAddress! + body.sent, count) }
      body.sent += count
      client.bodies[stream] = body
      if body.sent == body.bytes.count { flags!.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
      return count
    }
    let stream =
      request.body.isEmpty
      ? nghttp2_submit_request(session, nil, &values, values.count, nil, nil)
      : nghttp2_submit_request(session, nil, &values, values.count, &provider, nil)
    if !request.body.isEmpty { bodies[stream] = (request.body, 0) }
  }

  private func pump() throws {
    try flush()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { throw POSIXError(.ECONNRESET) }
    guard nghttp2_session_mem_recv(session, buffer, count) == count else { throw POSIXError(.EPROTO) }
    try flush()
  }

  private func flush() throws {
    var pointer: UnsafePointer<UInt8>?
    while case let count = nghttp2_session_mem_send(session, &pointer), count > 0, let pointer {
      var sent = 0
      while sent < count {
        let written = send(descriptor, pointer + sent, count - sent, Int32(MSG_NOSIGNAL))
        guard written > 0 else { throw POSIXError(.EPIPE) }
        sent += written
      }
    }
  }

  private func makeSession() {
    var callbacks: OpaquePointer?
    nghttp2_session_callbacks_new(&callbacks)
    nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, frame, name, nameLength, value, _, _, context in
      let client = Unmanaged<LoadClient>.fromOpaque(context!).takeUnretainedValue()
      if nameLength == 7, memcmp(name!, ":status", 7) == 0, value![0] >= UInt8(ascii: "4") {
        client.failures += 1
        client.failed.insert(frame!.pointee.hd.stream_id)
      }
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, bytes, length, context in
      let client = Unmanaged<LoadClient>.fromOpaque(context!).takeUnretainedValue()
      let chunk = UnsafeBufferPointer(start: bytes, count: length)
      client.receivedBytes += length
      client.body?.append(contentsOf: chunk)
      for byte in chunk where byte == 10 { client.receivedLines += 1 }
      if client.firstFailure.isEmpty, client.failed.contains(stream) {
        client.firstFailure = String(decoding: chunk, as: UTF8.self)
      }
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, _, context in
      let client = Unmanaged<LoadClient>.fromOpaque(context!).takeUnretainedValue()
      client.bodies[stream] = nil
      client.open -= 1
      client.completed += 1
      return 0
    }
    nghttp2_session_client_new(&session, callbacks, Unmanaged.passUnretained(self).toOpaque())
    nghttp2_session_callbacks_del(callbacks)
    var settings = [
      nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: 1 << 24)
    ]
    nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), &settings, settings.count)
    nghttp2_session_set_local_window_size(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, 1 << 24)
  }
}
