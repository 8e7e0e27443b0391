import Glibc

/// Reads HTTP/1.1 requests from bytes that come in any pieces: a value, without I/O.
///
/// It is strict where leniency lets two parties see different requests (RFC 9112, section 11): one Content-Length or one
/// `chunked`, one Host, lines that end in CRLF, no folded lines, no space before a colon.
struct HTTP1Parser {
  struct Failure: Error, Equatable {
    var status: Int
    var message: String

    static func bodyTooLarge(_ limits: Limits) -> Failure {
      Failure(status: 413, message: "the request body is larger than \(limits.bodyBytes) bytes")
    }
  }

  enum Step: Equatable {
    case needsMore
    /// The header is complete and a body follows; call again.
    case head
    /// The request is complete; the next call starts another.
    case request
    case failed(Failure)
  }

  private enum State {
    case requestLine
    case fields
    case body(remaining: Int)
    case chunkSize
    case chunkData(remaining: Int)
    case chunkEnd
    case trailers
  }

  /// Beyond this a chunk's size line, extensions included, is an attack.
  private static let chunkLineBytes = 1024

  private let limits: Limits
  private var state = State.requestLine
  /// How far the unfinished line was searched for its end.
  private var searched = 0
  private var headerBytes = 0
  private var chunkOverhead = 0
  private var facts = HeaderFacts()

  init(limits: Limits) { self.limits = limits }

  /// Whether the connection may serve another request after this one.
  var keepsAlive: Bool { facts.keepsAlive }
  var expectsContinue: Bool { facts.expectsContinue }
  /// Whether a request has begun and not ended.
  var isInside: Bool {
    if case .requestLine = state { return headerBytes > 0 || searched > 0 }
    return true
  }
  var isInBody: Bool {
    switch state {
    case .requestLine, .fields: false
    default: true
    }
  }

  /// Reads from `input` at `offset`, which moves behind what was used. The rest must come again with more behind it.
  mutating func parse(
    _ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int, into request: RequestArena
  ) -> Step {
    do throws(Failure) {
      while true {
        if let step = try advance(input, &offset, request) {
          if step == .request { reset() }
          return step
        }
      }
    } catch {
      return .failed(error)
    }
  }

  private mutating func reset() { self = HTTP1Parser(limits: limits, facts: facts) }

  private init(limits: Limits, facts: HeaderFacts) {
    self.limits = limits
    self.facts = facts
  }

  /// One line or one piece of the body; nil to go on.
  private mutating func advance(
    _ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int, _ request: RequestArena
  ) throws(Failure) -> Step? {
    switch state {
    case .requestLine, .fields, .trailers:
      guard let line = try headerLine(input, &offset) else { return .needsMore }
      return try takeHeaderLine(line, request)
    case .body(let remaining):
      let count = take(remaining, input, &offset, request)
      if count == remaining { return .request }
      state = .body(remaining: remaining - count)
      return .needsMore
    case .chunkSize:
      guard let line = try self.line(input, &offset, limit: Self.chunkLineBytes, tooLong: 400) else {
        return .needsMore
      }
      try takeChunkSize(line, request)
    case .chunkData(let remaining):
      let count = take(remaining, input, &offset, request)
      state = count == remaining ? .chunkEnd : .chunkData(remaining: remaining - count)
      if count < remaining { return .needsMore }
    case .chunkEnd:
      guard let line = try self.line(input, &offset, limit: 2, tooLong: 400) else { return .needsMore }
      guard line.isEmpty else { throw Failure(status: 400, message: "a chunk is longer than its size") }
      state = .chunkSize
    }
    return nil
  }

  private mutating func takeHeaderLine(
    _ line: UnsafeBufferPointer<UInt8>, _ request: RequestArena
  ) throws(Failure) -> Step? {
    switch state {
    case .requestLine:
      if line.isEmpty { return nil }  // RFC 9112, 2.2: an empty line before a request is skipped.
      facts = HeaderFacts()
      try facts.takeRequestLine(line, request)
      state = .fields
      return nil
    case .fields where line.isEmpty:
      try facts.check(request)
      return try beginBody(request)
    case .fields:
      guard request.fields.count < limits.headerCount else { throw Failure(status: 431, message: "too many headers") }
      try facts.takeField(line, request)
      return nil
    default:
      if line.isEmpty { return .request }
      _ = try HeaderFacts.split(line)  // Trailers must be well-formed, and are dropped.
      return nil
    }
  }

  private mutating func beginBody(_ request: RequestArena) throws(Failure) -> Step {
    if facts.isChunked {
      state = .chunkSize
      return .head
    }
    guard let length = facts.contentLength, length > 0 else { return .request }
    guard length <= limits.bodyBytes else { throw .bodyTooLarge(limits) }
    request.body.reserveCapacity(length)
    state = .body(remaining: length)
    return .head
  }

  private func take(
    _ wanted: Int, _ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int, _ request: RequestArena
  ) -> Int {
    let count = min(wanted, input.count - offset)
    request.body.append(contentsOf: UnsafeBufferPointer(rebasing: input[offset..<offset + count]))
    offset += count
    return count
  }

  private mutating func takeChunkSize(
    _ line: UnsafeBufferPointer<UInt8>, _ request: RequestArena
  ) throws(Failure) {
    let digits = line.prefix { hexDigit($0) != nil }
    let rest = line[digits.endIndex...].trimmed
    guard (1...8).contains(digits.count), rest.isEmpty || rest.first == UInt8(ascii: ";"),
      !line.contains(where: isForbiddenInValue)
    else { throw Failure(status: 400, message: "bad chunk size") }
    let size = digits.reduce(0) { $0 * 16 + Int(hexDigit($1) ?? 0) }
    chunkOverhead += max(0, line.count - 8)
    guard chunkOverhead <= limits.headerBytes else { throw Failure(status: 400, message: "too much chunk overhead") }
    guard size <= limits.bodyBytes - request.body.count else { throw .bodyTooLarge(limits) }
    state = size == 0 ? .trailers : .chunkData(remaining: size)
  }

  private mutating func headerLine(
    _ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int
  ) throws(Failure) -> UnsafeBufferPointer<UInt8>? {
    let start = offset
    let line = try self.line(input, &offset, limit: limits.headerBytes - headerBytes, tooLong: 431)
    headerBytes += offset - start
    return line
  }

  /// The next line without its CRLF; nil when its end hasn't come.
  private mutating func line(
    _ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int, limit: Int, tooLong status: Int
  ) throws(Failure) -> UnsafeBufferPointer<UInt8>? {
    let available = input.count - offset
    let tail = UnsafeBufferPointer(rebasing: input[(offset + searched)...])
    guard let base = tail.baseAddress, let found = memchr(base, 10, tail.count) else {
      searched = available
      if available > limit { throw Failure(status: status, message: "the request header is too large") }
      return nil
    }
    let end = offset + searched + (UnsafeRawPointer(found) - UnsafeRawPointer(base))
    searched = 0
    guard end + 1 - offset <= limit else { throw Failure(status: status, message: "the request header is too large") }
    guard end > offset, input[end - 1] == 13 else { throw Failure(status: 400, message: "a line doesn't end in CRLF") }
    defer { offset = end + 1 }
    return UnsafeBufferPointer(rebasing: input[offset..<end - 1])
  }
}

/// Control characters that have no place in a header's value.
func isForbiddenInValue(_ byte: UInt8) -> Bool { (byte < 32 && byte != 9) || byte == 127 }

func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 48...57: byte - 48
  case 65...70: byte - 55
  case 97...102: byte - 87
  default: nil
  }
}
