import Testing

@testable import HTTPServer

@Suite struct SPDYTests {
  /// A client's half: packs headers with a memory of its own.
  final class Client {
    private let headers = SPDYHeaders()

    func open(_ stream: UInt32, _ pairs: [(name: String, value: String)], isLast: Bool = false) -> [UInt8] {
      SPDYFrames.bytes(.openStream(stream, block: headers.pack(pairs), isLast: isLast))
    }

    func pairs(_ block: [UInt8]) throws -> [(name: String, value: String)] { try headers.unpack(block) }
  }

  static func frames(_ bytes: [UInt8]) throws -> [SPDYFrame] {
    var reader = SPDYFrames()
    reader.append(bytes)
    var frames: [SPDYFrame] = []
    while let frame = try reader.next() { frames.append(frame) }
    return frames
  }

  static func names(_ events: [SPDYSession.Event]) -> [String] {
    events.map { event in
      switch event {
      case .opened(let id, let headers): "open \(id) " + headers.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
      case .data(let id, let bytes): "data \(id) \(String(decoding: bytes, as: UTF8.self))"
      case .ended(let id): "end \(id)"
      case .reset(let id): "reset \(id)"
      case .goneAway: "gone"
      case .failed: "failed"
      }
    }
  }

  @Test func dictionaryIsThatOfTheProtocol() {
    #expect(SPDYDictionary.bytes.count == 1423)
    var (low, high) = (1, 0)
    for byte in SPDYDictionary.bytes {
      low = (low + Int(byte)) % 65521
      high = (high + low) % 65521
    }
    #expect(high << 16 | low == 0xe3c6_a7c2)
  }

  @Test func readsAnOldClientsHeaders() throws {
    // What another implementation packs: its first block names the dictionary by its sum.
    let packed = SPDYHeaders().pack([("streamtype", "error")])
    #expect(
      Array(packed.prefix(6)) == [0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2] || packed[2...5] == [0xe3, 0xc6, 0xa7, 0xc2])
  }

  @Test func talks() throws {
    let client = Client()
    var session = SPDYSession()
    let opening = client.open(1, [("streamtype", "error")]) + client.open(3, [("streamtype", "stdin"), ("port", "80")])
    var events: [String] = []
    for byte in opening { events += Self.names(session.receive([byte])) }
    #expect(events == ["open 1 streamtype=error", "open 3 streamtype=stdin port=80"])
    session.accept(1)
    session.accept(3)
    session.send(1, Array("well".utf8))
    session.end(1)
    let frames = try Self.frames(session.takeOutput())
    guard frames.count == 4, case .reply(1, let block, false) = frames[0] else {
      Issue.record("\(frames)")
      return
    }
    #expect(try client.pairs(block).isEmpty)
    #expect(frames[2...] == [.data(1, Array("well".utf8), isLast: false), .data(1, [], isLast: true)])
    let more =
      SPDYFrames.bytes(.data(3, Array("in".utf8), isLast: true)) + SPDYFrames.bytes(.data(1, [], isLast: true))
      + SPDYFrames.bytes(.ping(7))
    #expect(Self.names(session.receive(more)) == ["data 3 in", "end 3", "end 1"])
    #expect(session.openStreams == 1)
    #expect(try Self.frames(session.takeOutput()) == [.ping(7)])
  }

  @Test func waitsForWindowsOfPeersThatOpenThem() throws {
    let client = Client()
    var session = SPDYSession()
    _ = session.receive(SPDYFrames.bytes(.settings(initialWindow: 10)) + client.open(1, []))
    session.accept(1)
    _ = session.takeOutput()
    session.send(1, [UInt8](repeating: 1, count: 25))
    session.end(1)
    func sent() throws -> [Int] {
      try Self.frames(session.takeOutput()).map { if case .data(1, let bytes, _) = $0 { bytes.count } else { -1 } }
    }
    #expect(try sent() == [10])
    #expect(session.heldBytes == 15)
    _ = session.receive(SPDYFrames.bytes(.window(1, by: 15)))
    #expect(try sent() == [15, 0])
    #expect(session.heldBytes == 0)
  }

  @Test func opensWindows() throws {
    let client = Client()
    var session = SPDYSession()
    _ = session.receive(client.open(1, []))
    _ = session.receive(SPDYFrames.bytes(.data(1, [UInt8](repeating: 0, count: 40_000), isLast: false)))
    #expect(try Self.frames(session.takeOutput()) == [.window(0, by: 40_000), .window(1, by: 40_000)])
  }

  @Test func refusesWhatIsNotAllowed() throws {
    let client = Client()
    var session = SPDYSession()
    #expect(session.receive(client.open(2, [])).isEmpty)
    #expect(try Self.frames(session.takeOutput()) == [.reset(2, status: 1)])
    _ = session.receive(client.open(5, []))
    #expect(session.receive(client.open(5, [])).isEmpty)
    for index in 0..<UInt32(SPDYSession.streamLimit) { _ = session.receive(client.open(7 + index * 2, [])) }
    #expect(session.openStreams == SPDYSession.streamLimit)
    session.refuse(5)
    #expect(session.openStreams == SPDYSession.streamLimit - 1)
  }

  static let violations: [[UInt8]] = [
    [0x80, 2, 0, 1, 0, 0, 0, 0], [0x80, 3, 0, 1, 0, 0, 0, 2, 0, 0], [0x80, 3, 0, 1, 0, 255, 255, 255],
    [0, 0, 0, 1, 0, 255, 255, 255], [0, 0, 0, 0, 0, 0, 0, 0],
    [0x80, 3, 0, 4, 0, 0, 0, 4, 0, 0, 255, 255],
    [0x80, 3, 0, 1, 0, 0, 0, 14, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4],
  ]

  @Test(arguments: violations) func endsOnViolations(_ bytes: [UInt8]) {
    var session = SPDYSession()
    #expect(Self.names(session.receive(bytes)) == ["failed"])
    #expect(session.receive(Client().open(1, [])).isEmpty)
  }

  @Test func largeHeaderBlocksAreRefused() {
    let text = String(repeating: "a", count: SPDYHeaders.byteLimit)
    var session = SPDYSession()
    #expect(Self.names(session.receive(Client().open(1, [("a", text)]))) == ["failed"])
  }

  /// Broken conversations never do more than end the connection.
  @Test(arguments: 0..<200) func survivesNoise(_ seed: UInt64) {
    var random = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    func next(_ limit: Int) -> Int {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return Int(random % UInt64(limit))
    }
    let client = Client()
    var bytes = client.open(1, [("streamtype", "error")]) + client.open(3, [("streamtype", "data"), ("port", "80")])
    bytes += SPDYFrames.bytes(.settings(initialWindow: next(1000)))
    bytes += SPDYFrames.bytes(.data(3, (0..<next(200)).map { _ in UInt8(next(256)) }, isLast: next(2) == 0))
    bytes += SPDYFrames.bytes(.window(3, by: next(0x7fff_ffff))) + SPDYFrames.bytes(.window(0, by: next(0x7fff_ffff)))
    bytes += SPDYFrames.bytes(.reset(1, status: 5)) + SPDYFrames.bytes(.ping(9))
    for _ in 0..<next(12) { bytes[next(bytes.count)] = UInt8(next(256)) }
    if next(3) == 0 { bytes.removeLast(next(bytes.count)) }
    var session = SPDYSession()
    while !bytes.isEmpty {
      let count = min(bytes.count, 1 + next(40))
      for event in session.receive(Array(bytes.prefix(count))) {
        if case .opened(let id, _) = event {
          session.accept(id)
          session.send(id, [UInt8](repeating: 7, count: next(5000)))
          if next(2) == 0 { session.end(id) }
        }
      }
      bytes.removeFirst(count)
      _ = session.takeOutput()
    }
    #expect(session.openStreams <= 2 + 12)
  }
}
