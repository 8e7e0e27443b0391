import CNghttp2

/// nghttp2's callbacks and options, made once.
enum HTTP2Library {
  /// DATA frames with less than this are copied into the batch.
  private static let copyBelow = 2048

  static func makeSession(_ option: OpaquePointer?) -> OpaquePointer? {
    var session: OpaquePointer?
    guard nghttp2_session_server_new2(&session, callbacks.pointer, nil, option) == 0 else { return nil }
    return session
  }

  /// Options for all sessions of a loop; lives as long as the process.
  static func makeOption(_ limits: Limits) -> OpaquePointer? {
    var option: OpaquePointer?
    guard nghttp2_option_new(&option) == 0 else { return nil }
    nghttp2_option_set_no_closed_streams(option, 1)
    nghttp2_option_set_stream_reset_rate_limit(option, limits.resetBurst, limits.resetsPerSecond)
    return option
  }

  private struct Callbacks: @unchecked Sendable {
    let pointer: OpaquePointer?
  }

  private static let callbacks: Callbacks = {
    var table: OpaquePointer?
    guard nghttp2_session_callbacks_new(&table) == 0 else { return Callbacks(pointer: nil) }
    nghttp2_session_callbacks_set_on_begin_headers_callback(table) { _, frame, user in
      guard let session = session(user), let header = header(frame) else { return 0 }
      session.openHeaderBlock(endsHere: header.flags & UInt8(NGHTTP2_FLAG_END_HEADERS.rawValue) != 0)
      if header.type == NGHTTP2_HEADERS.rawValue, frame?.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
        session.open(header.stream_id)
      }
      return 0
    }
    nghttp2_session_callbacks_set_on_header_callback(table) { _, frame, name, nameCount, value, valueCount, _, user in
      // Trailers come without an open header, and are dropped.
      guard let user else { return 0 }
      // Many times a request: here even counting references would be seen.
      Unmanaged<HTTP2Session>.fromOpaque(user)._withUnsafeGuaranteedRef { session in
        let name = UnsafeBufferPointer(start: name, count: nameCount)
        let value = UnsafeBufferPointer(start: value, count: valueCount)
        session.currentRequest?._withUnsafeGuaranteedRef { HTTP2Header.add(name, value, to: $0, session.limits) }
      }
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(table) { _, frame, user in
      if let session = session(user), let header = header(frame) { didReceive(header, session) }
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table) { _, _, stream, bytes, count, user in
      session(user)?.takeBody(stream, UnsafeBufferPointer(start: bytes, count: count))
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_send_callback(table) { _, frame, user in
      guard let header = header(frame), header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 else { return 0 }
      let carriesEnd = header.type == NGHTTP2_DATA.rawValue || header.type == NGHTTP2_HEADERS.rawValue
      if carriesEnd { session(user)?.didSendEnd(header.stream_id) }
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(table) { _, stream, _, user in
      session(user)?.closeStream(stream)
      return 0
    }
    nghttp2_session_callbacks_set_send_data_callback(table) { _, frame, frameHeader, count, source, user in
      guard let session = session(user), let batch = session.batch, let frameHeader, let exchange = exchange(source)
      else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
      if batch.isFull {
        session.isBatchFull = true
        return NGHTTP2_ERR_WOULDBLOCK.rawValue
      }
      batch.append(copying: UnsafeBufferPointer(start: frameHeader, count: 9))
      exchange.take(count, into: batch)
      return 0
    }
    return Callbacks(pointer: table)
  }()

  private static func didReceive(_ header: nghttp2_frame_hd, _ session: HTTP2Session) {
    let endsRequest = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    switch UInt32(header.type) {
    case NGHTTP2_HEADERS.rawValue:
      session.closeHeaderBlock()
      if session.current?.streamID == header.stream_id {
        session.completeHeader(endsRequest: endsRequest)
      } else if endsRequest {
        session.completeRequest(header.stream_id)
      }
    case NGHTTP2_DATA.rawValue:
      if header.length == 0 { session.countControlFrame() }
      if endsRequest { session.completeRequest(header.stream_id) }
    case NGHTTP2_PING.rawValue, NGHTTP2_SETTINGS.rawValue, NGHTTP2_PRIORITY.rawValue:
      session.countControlFrame()
    default: break
    }
  }

  /// The next piece of a body: small ones are copied, large ones sent by reference.
  static let readBody: nghttp2_data_source_read_callback = { _, _, buffer, limit, flags, source, _ in
    guard let exchange = exchange(source), let buffer, let flags else {
      return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    }
    exchange.refill(limit: limit)
    let count = min(limit, exchange.output.count)
    if count == 0 && !exchange.isEnded {
      exchange.isDeferred = true
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    if exchange.isEnded && count == exchange.output.count { flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
    if count >= copyBelow && exchange.output.firstPartCount >= OutputBatch.smallBlob {
      flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
    } else {
      exchange.copy(count, to: buffer)
    }
    return count
  }

  private static func session(_ user: UnsafeMutableRawPointer?) -> HTTP2Session? {
    user.map { Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func exchange(_ source: UnsafeMutablePointer<nghttp2_data_source>?) -> Exchange? {
    (source?.pointee.ptr).map { Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Every member of the union starts with the frame's header; reading that alone spares copying the union.
  private static func header(_ frame: UnsafePointer<nghttp2_frame>?) -> nghttp2_frame_hd? {
    frame.map { UnsafeRawPointer($0).assumingMemoryBound(to: nghttp2_frame_hd.self).pointee }
  }
}
