/// One SPDY/3.1 connection as the server sees it, without I/O: bytes in, events out, and bytes to send.
///
/// Of flow control: what is sent waits for windows only when the peer has shown that it opens them, for the clients that there
/// are never do. Windows of the peer are opened as soon as something has come, for whoever reads slowly stops the connection.
struct SPDYSession {
  enum Event {
    case opened(UInt32, headers: [(name: String, value: String)])
    case data(UInt32, [UInt8])
    /// The peer has said all on this stream.
    case ended(UInt32)
    case reset(UInt32)
    case goneAway
    /// The peer broke the rules: nothing that comes has a meaning.
    case failed(String)
  }

  private struct Stream {
    /// What may be sent; counted from the start, meant only once the peer opens windows.
    var window: Int
    /// Bytes that came since its window was opened last.
    var received = 0
    var waiting = ByteQueue()
    var endsAfterWaiting = false
    var isEndedHere = false
    var isEndedThere = false
  }

  /// The most streams open at a time.
  static let streamLimit = 512
  static let firstWindow = 64 * 1024
  /// The largest piece of data that is sent as one frame.
  private static let pieceLimit = 32 * 1024

  private let headers = SPDYHeaders()
  private var frames = SPDYFrames()
  private var streams: [UInt32: Stream] = [:]
  private var lastStream: UInt32 = 0
  private var hasFailed = false
  private var peerOpensWindows = false
  private var initialWindow = firstWindow
  private var window = firstWindow
  private var received = 0
  private var output = ByteQueue()
  /// Bytes that wait for windows.
  private(set) var heldBytes = 0

  init() {}

  var openStreams: Int { streams.count }

  /// Bytes that may go out.
  var outputBytes: Int { output.count }

  mutating func takeOutput(limit: Int = .max) -> [UInt8] { output.take(limit) }

  // MARK: What comes in

  mutating func receive(_ bytes: [UInt8]) -> [Event] {
    if hasFailed { return [] }
    frames.append(bytes)
    var events: [Event] = []
    do throws(SPDYViolation) {
      while let frame = try frames.next() { try take(frame, &events) }
    } catch {
      hasFailed = true
      send(.goAway(lastStream: lastStream))
      events.append(.failed(error.message))
    }
    return events
  }

  private mutating func take(_ frame: SPDYFrame, _ events: inout [Event]) throws(SPDYViolation) {
    switch frame {
    case .openStream(let id, let block, let isLast): try open(id, block, isLast, &events)
    case .reply(_, let block, _): _ = try headers.unpack(block)
    case .headers(let id, let block, let isLast):
      _ = try headers.unpack(block)
      if isLast { endThere(id, &events) }
    case .reset(let id, _):
      if let stream = streams.removeValue(forKey: id) {
        heldBytes -= stream.waiting.count
        events.append(.reset(id))
      }
    case .settings(let window): takeSettings(window)
    case .ping(let id):
      // Those of the client have odd numbers; an even one would be an answer.
      if id & 1 == 1 { send(.ping(id)) }
    case .goAway: events.append(.goneAway)
    case .window(let id, let amount): try open(window: id, by: amount)
    case .data(let id, let bytes, let isLast): takeData(id, bytes, isLast, &events)
    case .other: break
    }
  }

  private mutating func open(
    _ id: UInt32, _ block: [UInt8], _ isLast: Bool, _ events: inout [Event]
  ) throws(SPDYViolation) {
    let pairs = try headers.unpack(block)
    guard id & 1 == 1, id > lastStream else { return send(.reset(id, status: 1)) }
    lastStream = id
    guard streams.count < Self.streamLimit else { return send(.reset(id, status: 3)) }
    streams[id] = Stream(window: initialWindow)
    events.append(.opened(id, headers: pairs))
    if isLast { endThere(id, &events) }
  }

  private mutating func endThere(_ id: UInt32, _ events: inout [Event]) {
    guard let stream = streams[id], !stream.isEndedThere else { return }
    streams[id]?.isEndedThere = true
    events.append(.ended(id))
    if stream.isEndedHere { streams[id] = nil }
  }

  private mutating func takeData(_ id: UInt32, _ bytes: [UInt8], _ isLast: Bool, _ events: inout [Event]) {
    received += bytes.count
    if received >= Self.firstWindow / 2 {
      send(.window(0, by: received))
      received = 0
    }
    guard let stream = streams[id], !stream.isEndedThere else { return }
    let count = stream.received + bytes.count
    let isDue = count >= Self.firstWindow / 2 && !isLast
    if isDue { send(.window(id, by: count)) }
    streams[id]?.received = isDue ? 0 : count
    if !bytes.isEmpty { events.append(.data(id, bytes)) }
    if isLast { endThere(id, &events) }
  }

  // MARK: Windows

  private mutating func takeSettings(_ wanted: Int?) {
    guard let wanted else { return }
    peerOpensWindows = true
    for id in streams.keys.sorted() { streams[id]?.window += wanted - initialWindow }
    initialWindow = wanted
    sendWaiting()
  }

  private mutating func open(window id: UInt32, by amount: Int) throws(SPDYViolation) {
    peerOpensWindows = true
    if id == 0 {
      window += amount
    } else {
      streams[id]?.window += amount
    }
    guard window <= 0x7fff_ffff, (streams[id]?.window ?? 0) <= 0x7fff_ffff else {
      throw SPDYViolation(message: "a window of more than 2 GiB")
    }
    sendWaiting()
  }

  private mutating func sendWaiting() {
    for id in streams.keys.sorted() where streams[id]?.waiting.isEmpty == false { push(id) }
  }

  // MARK: What goes out

  private mutating func send(_ frame: SPDYFrame) { output += SPDYFrames.bytes(frame) }

  /// Accepts a stream that was opened.
  mutating func accept(_ id: UInt32) {
    if streams[id] != nil { send(.reply(id, block: headers.pack([]), isLast: false)) }
  }

  mutating func refuse(_ id: UInt32) {
    if streams.removeValue(forKey: id) != nil { send(.reset(id, status: 3)) }
  }

  mutating func send(_ id: UInt32, _ bytes: [UInt8]) {
    guard streams[id]?.isEndedHere == false, streams[id]?.endsAfterWaiting == false else { return }
    streams[id]?.waiting += bytes
    heldBytes += bytes.count
    push(id)
  }

  /// Nothing more will be sent on this stream.
  mutating func end(_ id: UInt32) {
    guard streams[id]?.isEndedHere == false else { return }
    streams[id]?.endsAfterWaiting = true
    push(id)
  }

  mutating func goAway() { send(.goAway(lastStream: lastStream)) }

  private mutating func push(_ id: UInt32) {
    while let piece = takePiece(id) { send(.data(id, piece, isLast: false)) }
    guard let stream = streams[id], stream.endsAfterWaiting, stream.waiting.isEmpty else { return }
    send(.data(id, [], isLast: true))
    streams[id]?.isEndedHere = true
    streams[id]?.endsAfterWaiting = false
    if stream.isEndedThere { streams[id] = nil }
  }

  /// What the windows allow to go out next. The stream is changed where it lies: a copy of it would copy all that
  /// waits.
  private mutating func takePiece(_ id: UInt32) -> [UInt8]? {
    guard let streamWindow = streams[id]?.window else { return nil }
    let room = peerOpensWindows ? min(window, streamWindow, Self.pieceLimit) : Self.pieceLimit
    guard room > 0, let piece = streams[id]?.waiting.take(room), !piece.isEmpty else { return nil }
    window -= piece.count
    heldBytes -= piece.count
    streams[id]?.window -= piece.count
    return piece
  }
}
