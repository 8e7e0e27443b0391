import CNghttp2
import Values

@testable import HTTPServer

/// A small HTTP/2 client on a blocking socket.
final class HTTP2Client {
  struct Reply {
    var status = ""
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    var hasHeader = false
    var isClosed = false
    var error: UInt32 = 0
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  let socket: TestSocket
  private var session: OpaquePointer?
  private(set) var replies: [Int32: Reply] = [:]
  private(set) var goAway: UInt32?
  private(set) var isEnded = false
  private var uploads: [Int32: [UInt8]] = [:]

  init(_ address: SocketAddress, tls: Bool = false, window: Int32 = 16 << 20) throws {
    socket = try TestSocket(address)
    if tls, try socket.startTLS(offering: ["h2"]) != "h2" { throw TestFailure("no h2") }
    try start(window: window)
  }

  deinit { nghttp2_session_del(session) }

  private func start(window: Int32) throws {
    var callbacks: OpaquePointer?
    nghttp2_session_callbacks_new(&callbacks)
    defer { nghttp2_session_callbacks_del(callbacks) }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameCount, value, valueCount, _, user in
      let client = HTTP2Client.from(user)
      let name = String(decoding: UnsafeBufferPointer(start: name, count: nameCount), as: UTF8.self)
      let value = String(decoding: UnsafeBufferPointer(start: value, count: valueCount), as: UTF8.self)
      let stream = frame!.pointee.hd.stream_id
      if name == ":status" { client.replies[stream]?.status = value }
      client.replies[stream]?.headers[name] = value
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
      let frame = frame!.pointee
      let client = HTTP2Client.from(user)
      if UInt32(frame.hd.type) == NGHTTP2_GOAWAY.rawValue { client.goAway = frame.goaway.error_code }
      if UInt32(frame.hd.type) == NGHTTP2_HEADERS.rawValue { client.replies[frame.hd.stream_id]?.hasHeader = true }
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, bytes, count, user in
      HTTP2Client.from(user).replies[stream]?.body += UnsafeBufferPointer(start: bytes, count: count)
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, user in
      HTTP2Client.from(user).replies[stream]?.isClosed = true
      HTTP2Client.from(user).replies[stream]?.error = code
      return 0
    }
    nghttp2_session_client_new(&session, callbacks, Unmanaged.passUnretained(self).toOpaque())
    var entry = nghttp2_settings_entry(
      settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: UInt32(window))
    nghttp2_submit_settings(session, 0, &entry, 1)
    nghttp2_session_set_local_window_size(session, 0, 0, max(window, 65535))
    try flush()
  }

  private static func from(_ user: UnsafeMutableRawPointer?) -> HTTP2Client {
    Unmanaged<HTTP2Client>.fromOpaque(user!).takeUnretainedValue()
  }

  @discardableResult
  func submit(
    _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
  ) throws -> Int32 {
    let fields =
      [(":method", method), (":scheme", "http"), (":authority", "localhost"), (":path", path)] + headers
    let storage = fields.map { (name: Blob($0), value: Blob($1)) }
    let native = storage.map { field in
      nghttp2_nv(
        name: UnsafeMutablePointer(mutating: field.name.base), value: UnsafeMutablePointer(mutating: field.value.base),
        namelen: field.name.count, valuelen: field.value.count, flags: 0)
    }
    var provider = nghttp2_data_provider()
    provider.read_callback = { _, stream, buffer, limit, flags, _, user in
      let client = HTTP2Client.from(user)
      let rest = client.uploads[stream] ?? []
      let count = min(limit, rest.count)
      for index in 0..<count { buffer![index] = rest[index] }
      client.uploads[stream] = Array(rest[count...])
      if count == rest.count { flags!.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
      return count
    }
    let stream = withExtendedLifetime(storage) {
      withUnsafePointer(to: &provider) { provider in
        nghttp2_submit_request(session, nil, native, native.count, body == nil ? nil : provider, nil)
      }
    }
    replies[stream] = Reply()
    uploads[stream] = body
    try flush()
    return stream
  }

  func reset(_ stream: Int32) throws {
    nghttp2_submit_rst_stream(session, 0, stream, NGHTTP2_CANCEL.rawValue)
    try flush()
  }

  /// Lets the server send so much more on the connection and on each stream.
  func open(window: Int32) throws {
    var entry = nghttp2_settings_entry(
      settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: UInt32(window))
    nghttp2_submit_settings(session, 0, &entry, 1)
    nghttp2_session_set_local_window_size(session, 0, 0, 16 << 20)
    try flush()
  }

  func ping() throws {
    nghttp2_submit_ping(session, 0, nil)
    try flush()
  }

  func flush() throws {
    var output: [UInt8] = []
    while true {
      var bytes: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(session, &bytes)
      if count <= 0 { break }
      output += UnsafeBufferPointer(start: bytes, count: count)
    }
    if !output.isEmpty { try socket.send(output) }
  }

  /// Reads until the condition holds or the connection is over.
  func wait(until isThere: (HTTP2Client) -> Bool) throws {
    while !isThere(self) && !isEnded {
      let bytes = try socket.receive()
      if bytes.isEmpty { isEnded = true }
      if nghttp2_session_mem_recv(session, bytes, bytes.count) < 0 { isEnded = true }
      if !isEnded { try flush() }
    }
  }

  func reply(_ stream: Int32) throws -> Reply {
    try wait { $0.replies[stream]?.isClosed == true }
    return replies[stream]!
  }

  func request(
    _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
  ) throws -> Reply {
    try reply(try submit(method, path, headers: headers, body: body))
  }
}
