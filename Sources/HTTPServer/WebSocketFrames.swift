import Values

/// A WebSocket message.
public enum WebSocketMessage: Sendable, Equatable {
  case text(String)
  case binary([UInt8])
}

/// Reads a client's frames (RFC 6455, section 5) from bytes that come in any pieces: a value, without I/O.
struct WebSocketFrames {
  enum Event: Equatable {
    case message(WebSocketMessage)
    case ping([UInt8])
    case pong
    case close(code: UInt16?)
    /// The peer broke the rules; the code to close with.
    case failed(code: UInt16)
  }

  /// The largest message; a fragmented one counts as a whole.
  static let messageBytes = 4 * 1024 * 1024

  private var waiting: [UInt8] = []
  private var offset = 0
  private var fragments: [UInt8] = []
  /// Whether the fragmented message that is arriving is text; nil when none is.
  private var isFragmentedText: Bool?

  mutating func append(_ bytes: [UInt8]) {
    if offset > 0 { waiting.removeFirst(offset) }
    offset = 0
    waiting += bytes
  }

  /// The next event; nil when bytes are missing. After `failed` nothing that comes has a meaning.
  mutating func next() -> Event? {
    while true {
      guard let frame = header() else { return nil }
      if let code = frame.violation(isFragmented: isFragmentedText != nil, collected: fragments.count) {
        return .failed(code: code)
      }
      guard waiting.count - offset >= frame.headerCount + frame.count else { return nil }
      let payload = unmasked(frame)
      offset += frame.headerCount + frame.count
      if let event = take(payload, frame) { return event }
    }
  }

  private struct Frame {
    var opcode: UInt8
    var isFinal: Bool
    var isMasked: Bool
    var hasReservedBits: Bool
    var headerCount: Int
    var count: Int

    var isControl: Bool { opcode >= 8 }

    func violation(isFragmented: Bool, collected: Int) -> UInt16? {
      let isKnown = opcode <= 2 || (8...10).contains(opcode)
      if !isMasked || hasReservedBits || !isKnown { return 1002 }
      if isControl { return isFinal && count <= 125 ? nil : 1002 }
      if (opcode == 0) != isFragmented { return 1002 }
      return count <= WebSocketFrames.messageBytes - collected ? nil : 1009
    }
  }

  private func header() -> Frame? {
    let rest = waiting[offset...]
    guard rest.count >= 2 else { return nil }
    let first = waiting[offset]
    let second = waiting[offset + 1]
    var count = Int(second & 0x7f)
    let extra = count == 126 ? 2 : count == 127 ? 8 : 0
    guard rest.count >= 2 + extra else { return nil }
    if extra > 0 {
      let number = waiting[(offset + 2)..<(offset + 2 + extra)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      count = Int(clamping: number)
    }
    let isMasked = second & 0x80 != 0
    return Frame(
      opcode: first & 0x0f, isFinal: first & 0x80 != 0, isMasked: isMasked, hasReservedBits: first & 0x70 != 0,
      headerCount: 2 + extra + (isMasked ? 4 : 0), count: count)
  }

  private func unmasked(_ frame: Frame) -> [UInt8] {
    let start = offset + frame.headerCount
    let mask = start - 4
    return (0..<frame.count).map { waiting[start + $0] ^ waiting[mask + ($0 & 3)] }
  }

  private mutating func take(_ payload: [UInt8], _ frame: Frame) -> Event? {
    switch frame.opcode {
    case 8: return .close(code: payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil)
    case 9: return .ping(payload)
    case 10: return .pong
    default:
      let isText = isFragmentedText ?? (frame.opcode == 1)
      fragments += payload
      isFragmentedText = isText
      guard frame.isFinal else { return nil }
      let whole = fragments
      fragments = []
      isFragmentedText = nil
      guard isText else { return .message(.binary(whole)) }
      return String(validating: whole, as: UTF8.self).map { .message(.text($0)) } ?? .failed(code: 1007)
    }
  }

  /// A server's frame: whole and unmasked.
  static func encode(opcode: UInt8, _ payload: some Collection<UInt8>) -> Blob {
    var frame = ByteBuffer(capacity: payload.count + 10)
    frame.append(0x80 | opcode)
    let count = payload.count
    if count < 126 {
      frame.append(UInt8(count))
    } else if count <= 0xffff {
      frame.append(126)
      for shift in [8, 0] { frame.append(UInt8(truncatingIfNeeded: count >> shift)) }
    } else {
      frame.append(127)
      for shift in stride(from: 56, through: 0, by: -8) { frame.append(UInt8(truncatingIfNeeded: count >> shift)) }
    }
    frame.append(payload)
    return frame.blob()
  }
}
