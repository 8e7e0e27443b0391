/// One frame of SPDY/3.1, its header block still packed.
enum SPDYFrame: Equatable {
  case openStream(UInt32, block: [UInt8], isLast: Bool)
  case reply(UInt32, block: [UInt8], isLast: Bool)
  case reset(UInt32, status: UInt32)
  /// The one setting that matters here: the window that streams begin with; nil when it is not among them.
  case settings(initialWindow: Int?)
  case ping(UInt32)
  case goAway(lastStream: UInt32)
  case headers(UInt32, block: [UInt8], isLast: Bool)
  case window(UInt32, by: Int)
  case data(UInt32, [UInt8], isLast: Bool)
  /// A kind that is not known, which is to be passed over.
  case other
}

/// What a peer did that no peer may do; the connection ends.
struct SPDYViolation: Error, Equatable {
  let message: String
}

/// Reads frames from bytes that come in any pieces, and writes them: a value, without I/O.
struct SPDYFrames {
  /// The longest frames, in bytes without their header.
  static let controlLimit = 64 * 1024
  static let dataLimit = 4 * 1024 * 1024
  private static let headerCount = 8

  private var waiting: [UInt8] = []
  private var offset = 0

  mutating func append(_ bytes: [UInt8]) {
    if offset > 0 { waiting.removeFirst(offset) }
    offset = 0
    waiting += bytes
  }

  /// The next frame; nil when bytes are missing.
  mutating func next() throws(SPDYViolation) -> SPDYFrame? {
    guard waiting.count - offset >= Self.headerCount else { return nil }
    let first = number(at: offset)
    let flags = waiting[offset + 4]
    let length = Int(number(at: offset + 4) & 0xFF_FFFF)
    let isControl = first & 0x8000_0000 != 0
    guard length <= (isControl ? Self.controlLimit : Self.dataLimit) else {
      throw SPDYViolation(message: "a frame of \(length) bytes")
    }
    guard waiting.count - offset >= Self.headerCount + length else { return nil }
    let body = Array(waiting[(offset + Self.headerCount)..<(offset + Self.headerCount + length)])
    offset += Self.headerCount + length
    if !isControl {
      guard first != 0 else { throw SPDYViolation(message: "data without a stream") }
      return .data(first, body, isLast: flags & 1 != 0)
    }
    guard first >> 16 == 0x8003 else { throw SPDYViolation(message: "version \(first >> 16 & 0x7fff)") }
    return try Self.control(UInt16(truncatingIfNeeded: first), flags, body)
  }

  private func number(at index: Int) -> UInt32 { Self.number(waiting, index) }

  private static func number(_ bytes: [UInt8], _ index: Int) -> UInt32 {
    bytes[index..<(index + 4)].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func control(_ type: UInt16, _ flags: UInt8, _ body: [UInt8]) throws(SPDYViolation) -> SPDYFrame {
    func word(_ index: Int) -> UInt32 { number(body, index * 4) }
    func need(_ count: Int) throws(SPDYViolation) {
      if body.count < count { throw SPDYViolation(message: "a control frame of kind \(type) with \(body.count) bytes") }
    }
    let isLast = flags & 1 != 0
    switch type {
    case 1:
      try need(10)
      return .openStream(word(0) & 0x7fff_ffff, block: Array(body[10...]), isLast: isLast)
    case 2, 8:
      try need(4)
      let (stream, block) = (word(0) & 0x7fff_ffff, Array(body[4...]))
      return type == 2
        ? .reply(stream, block: block, isLast: isLast) : .headers(stream, block: block, isLast: isLast)
    case 3:
      try need(8)
      return .reset(word(0) & 0x7fff_ffff, status: word(1))
    case 4:
      try need(4)
      let count = Int(word(0))
      guard count <= 1000, body.count >= 4 + count * 8 else { throw SPDYViolation(message: "broken settings") }
      let places = (0..<count).filter { word(1 + $0 * 2) & 0xFF_FFFF == 7 }
      return .settings(initialWindow: places.last.map { Int(min(word(2 + $0 * 2), 0x7fff_ffff)) })
    case 6:
      try need(4)
      return .ping(word(0))
    case 7:
      try need(4)
      return .goAway(lastStream: word(0) & 0x7fff_ffff)
    case 9:
      try need(8)
      return .window(word(0) & 0x7fff_ffff, by: Int(word(1) & 0x7fff_ffff))
    default: return .other
    }
  }

  // MARK: Writing

  static func bytes(_ frame: SPDYFrame) -> [UInt8] {
    switch frame {
    case .openStream(let stream, let block, let isLast):
      return control(1, isLast, words(stream, 0) + [0, 0] + block)
    case .reply(let stream, let block, let isLast): return control(2, isLast, words(stream) + block)
    case .headers(let stream, let block, let isLast): return control(8, isLast, words(stream) + block)
    case .reset(let stream, let status): return control(3, false, words(stream, status))
    case .settings(let window): return control(4, false, window.map { words(1, 7, UInt32($0)) } ?? words(0))
    case .ping(let id): return control(6, false, words(id))
    case .goAway(let stream): return control(7, false, words(stream, 0))
    case .window(let stream, let amount): return control(9, false, words(stream, UInt32(amount)))
    case .data(let stream, let bytes, let isLast):
      return words(stream) + header(isLast, bytes.count) + bytes
    case .other: return []
    }
  }

  private static func words(_ numbers: UInt32...) -> [UInt8] {
    numbers.flatMap { number in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) } }
  }

  private static func header(_ isLast: Bool, _ count: Int) -> [UInt8] {
    words(UInt32(isLast ? 1 : 0) << 24 | UInt32(count))
  }

  private static func control(_ type: UInt8, _ isLast: Bool, _ body: [UInt8]) -> [UInt8] {
    [0x80, 3, 0, type] + header(isLast, body.count) + body
  }
}
