import EventLoops
import Testing
import Values

@testable import HTTPServer

@Suite struct HTTP2Tests {
  @Test func answersWithPriorKnowledge() async throws {
    try await withServer(Responder.echo) { address, server in
      let client = try HTTP2Client(address)
      let first = try client.request("GET", "/one?x=y")
      #expect(first.status == "200")
      #expect(first.text == "GET /one x=y ")
      #expect(first.headers["content-length"] == "\(first.body.count)")
      #expect(first.headers["date"]?.hasSuffix(" GMT") == true)
      let body = [UInt8](repeating: 97, count: 1_000_000)
      #expect(try client.request("POST", "/two", body: body).body.count == "POST /two  ".utf8.count + body.count)
      #expect(await server.metrics().requests == 2)
    }
  }

  @Test func answersManyStreamsAtOnce() async throws {
    let handler = Responder { request in
      let path = String(decoding: request.path, as: UTF8.self)
      return .later {
        await Task.yield()
        return .plain(200, path)
      }
    }
    try await withServer(handler) { address, _ in
      let client = try HTTP2Client(address)
      let streams = try (0..<200).map { try client.submit("GET", "/\($0)") }
      for (number, stream) in streams.enumerated() { #expect(try client.reply(stream).text == "/\(number)") }
    }
  }

  @Test(arguments: [1, 511, 512, 2047, 2048, 16_384, 100_000, 3_000_000])
  func bodiesOfAllSizesArriveWhole(_ count: Int) async throws {
    let expected = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let handler = Responder { request in
      if request.path.count == 2 { return .now(Response(status: 200, body: .blob(Blob(expected)))) }
      let chunks = stride(from: 0, to: count, by: 3001).map { Blob(expected[$0..<min(count, $0 + 3001)]) }
      return .now(Response(status: 200, body: .chunks([.empty] + chunks + [.empty])))
    }
    try await withServer(handler) { address, _ in
      for window: Int32 in [1 << 20, 1000] {
        let client = try HTTP2Client(address, window: window)
        #expect(try client.request("GET", "/b").body == expected)
        #expect(try client.request("GET", "/chunks").body == expected)
      }
    }
  }

  @Test func comesFromHTTP1ByUpgrade() async throws {
    try await withServer(Responder.echo) { address, _ in
      let socket = try TestSocket(address)
      try socket.send(
        "GET /up HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
          + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
      #expect(try socket.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
      #expect(!socket.hasInput(within: 20), "the client speaks first")
      try socket.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
      try socket.send([0, 0, 0, 4, 0, 0, 0, 0, 0])
      #expect(try socket.receive(through: "GET /up  ").contains("GET /up"))
    }
  }

  @Test func streamsComeAsTheyAreWoken() async throws {
    let sources = (0..<100).map { _ in ScriptedSource() }
    let handler = Responder { request in
      let number = Int(String(decoding: request.path.dropFirst(), as: UTF8.self)) ?? 0
      return .stream(StreamResponse(headers: [("content-type", "application/json")], source: sources[number]))
    }
    try await withServer(handler) { address, server in
      let client = try HTTP2Client(address)
      let streams = try sources.indices.map { try client.submit("GET", "/\($0)") }
      try client.wait { client in streams.allSatisfy { client.replies[$0]?.hasHeader == true } }
      for round in 1...3 {
        for source in sources { source.push("event \(round)\n") }
        let expected = (1...round).map { "event \($0)\n" }.joined()
        try client.wait { client in streams.allSatisfy { client.replies[$0]?.text == expected } }
        #expect(!client.isEnded)
      }
      #expect(await server.metrics().streamsOpen == 100)
      sources[0].end()
      #expect(try client.reply(streams[0]).error == 0)
      try client.reset(streams[1])
      try await sources[1].waitForCancel()
      #expect(!sources[2].isCancelled)
      client.socket.close()
      for source in sources { try await source.waitForCancel() }
      try await server.wait { $0.streamsOpen == 0 && $0.requestsOpen == 0 && $0.connectionsOpen == 0 }
    }
  }

  @Test func flowControlHoldsAStreamBack() async throws {
    let source = EndlessSource(Blob([UInt8](repeating: 66, count: 4096)))
    try await withServer(Responder { _ in .stream(StreamResponse(source: source)) }) { address, _ in
      let client = try HTTP2Client(address, window: 65535)
      let stream = try client.submit("GET", "/")
      try client.wait { ($0.replies[stream]?.body.count ?? 0) > 200_000 }
      let pulled = source.pulledBytes
      #expect(pulled < 2_000_000)
    }
  }

  @Test func aPeerThatOpensNoWindowLosesItsStreams() async throws {
    let clock = VirtualClock(now: Instant(seconds: 1_000_000))
    let (idle, busy) = (ScriptedSource(), ScriptedSource())
    let handler = Responder { request in
      switch String(decoding: request.path, as: UTF8.self) {
      case "/idle": .stream(StreamResponse(source: idle))
      case "/busy": .stream(StreamResponse(source: busy))
      default: .now(.plain(200, "an answer that nobody reads"))
      }
    }
    try await withServer(handler, clock: clock) { address, server in
      let client = try HTTP2Client(address, window: 0)
      let streams = try ["/idle", "/busy", "/answer"].map { try client.submit("GET", $0) }
      try client.wait { client in streams.allSatisfy { client.replies[$0]?.hasHeader == true } }
      busy.push("an event")
      await clock.advance(by: .seconds(50))
      try await server.wait { $0.streamsOpen == 2 }
      // An event is seen to wait when the stream has been quiet for as long as it may be.
      await clock.advance(by: .seconds(80))
      for stream in streams.dropFirst() { #expect(try client.reply(stream).error == 11) }
      try await busy.waitForCancel()
      #expect(!idle.isCancelled)
      #expect(client.replies[streams[0]]?.isClosed == false)
      #expect(client.goAway == nil)
    }
  }

  @Test func answersThatNobodyTakesHoldFurtherRequestsBack() async throws {
    var limits = Limits()
    limits.connectionAnswerBytes = 100_000
    let asked = Counter()
    let body = Blob([UInt8](repeating: 65, count: 60_000))
    let handler = Responder { _ in
      asked.increment()
      return .now(Response(status: 200, body: .blob(body)))
    }
    try await withServer(handler, limits: limits) { address, server in
      let client = try HTTP2Client(address, window: 0)
      let streams = try (0..<50).map { try client.submit("GET", "/\($0)") }
      try client.wait { client in client.replies.values.filter(\.hasHeader).count == 2 }
      #expect(asked.value == 2)
      try client.open(window: 1 << 20)
      for stream in streams { #expect(try client.reply(stream).body.count == body.count) }
      #expect(asked.value == 50)
    }
  }

  @Test func aThousandCancelledWatchesAreFine() async throws {
    try await withServer(Responder { _ in .stream(StreamResponse(source: ScriptedSource())) }) { address, server in
      let client = try HTTP2Client(address)
      for _ in 0..<20 {
        let streams = try (0..<100).map { _ in try client.submit("GET", "/") }
        try client.wait { client in streams.allSatisfy { client.replies[$0]?.hasHeader == true } }
        for stream in streams { try client.reset(stream) }
      }
      try await server.wait { $0.streamsOpen == 0 }
      #expect(client.goAway == nil)
      #expect(await server.metrics().requests == 2000)
    }
  }

  @Test func rapidResetEndsTheConnection() async throws {
    var limits = Limits()
    limits.resetBurst = 100
    limits.resetsPerSecond = 1
    try await withServer(Responder { _ in .stream(StreamResponse(source: ScriptedSource())) }, limits: limits) {
      address, _ in
      let client = try HTTP2Client(address)
      for _ in 0..<200 { try client.reset(try client.submit("GET", "/")) }
      try client.wait { $0.goAway != nil }
      #expect(client.goAway != nil)
    }
  }

  @Test func aPingFloodEndsTheConnection() async throws {
    var limits = Limits()
    limits.controlFramesPerSecond = 50
    try await withServer(Responder.echo, limits: limits) { address, _ in
      let client = try HTTP2Client(address)
      for _ in 0..<200 where !client.isEnded { try client.ping() }
      try client.wait { $0.goAway != nil }
      #expect(client.goAway == 11)
    }
  }

  @Test func limitsAreAnsweredInTheServersOwnWords() async throws {
    var limits = Limits()
    limits.bodyBytes = 1000
    limits.headerCount = 20
    limits.headerBytes = 4000
    try await withServer(Responder.echo, limits: limits) { address, _ in
      let client = try HTTP2Client(address)
      let tooLarge = try client.request("POST", "/", body: [UInt8](repeating: 1, count: 200_000))
      #expect(tooLarge.status == "413")
      #expect(tooLarge.text == "refused: the request body is larger than 1000 bytes")
      let announced = try client.request(
        "POST", "/", headers: [("content-length", "200000")], body: [UInt8](repeating: 1, count: 200_000))
      #expect(announced.status == "413")
      #expect(try client.request("GET", "/", headers: (0..<30).map { ("x-\($0)", "y") }).status == "431")
      #expect(try client.request("GET", "/", headers: [("a", String(repeating: "a", count: 5000))]).status == "431")
      #expect(try client.request("GET", "/", headers: [("host", "other")]).status == "400")
      #expect(try client.request("GET", "/fine").status == "200")
      #expect(client.goAway == nil)
    }
  }

  @Test func slowAndIdlePeersAreCutOff() async throws {
    let clock = VirtualClock(now: Instant(seconds: 1_000_000))
    try await withServer(Responder.echo, clock: clock) { address, server in
      let idle = try HTTP2Client(address)
      #expect(try idle.request("GET", "/").status == "200")
      let slowHeader = try TestSocket(address)
      try slowHeader.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
      // SETTINGS, then HEADERS of stream 1 without END_HEADERS: ":method: GET" and no more.
      try slowHeader.send([0, 0, 0, 4, 0, 0, 0, 0, 0] + [0, 0, 1, 1, 1, 0, 0, 0, 1, 0x82])
      try await server.wait { $0.connectionsOpen == 2 && $0.requestsOpen == 1 }
      await clock.advance(by: .seconds(12))
      while try !slowHeader.receive().isEmpty {}
      await clock.advance(by: .seconds(82))
      try idle.wait { $0.goAway != nil }
      #expect(idle.goAway == 0)
      #expect(await server.metrics().timeouts == 2)
    }
  }

  @Test func garbageEndsTheConnectionOnly() async throws {
    var random = Xorshift(state: 7)
    try await withServer(Responder.echo) { address, server in
      for _ in 0..<50 {
        let socket = try TestSocket(address)
        try socket.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        try socket.send((0..<200).map { _ in UInt8(random.next(256)) })
        socket.endOutput()
        while try !socket.receive().isEmpty {}
      }
      #expect(try HTTP2Client(address).request("GET", "/").status == "200")
      try await server.wait { $0.connectionsOpen <= 1 }
    }
  }

  @Test func stoppingSaysGoAwayAndEndsStreams() async throws {
    let source = ScriptedSource()
    try await withServer(Responder { _ in .stream(StreamResponse(source: source)) }) { address, server in
      let client = try HTTP2Client(address)
      let stream = try client.submit("GET", "/")
      try client.wait { $0.replies[stream]?.hasHeader == true }
      source.push("last words")
      let stopping = server.stopElsewhere()
      try client.wait { $0.replies[stream]?.isClosed == true && $0.goAway != nil }
      #expect(client.goAway == 0)
      #expect(client.replies[stream]?.error == 0)
      client.socket.close()
      await stopping.value
    }
  }
}
