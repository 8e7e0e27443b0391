import EventLoops
import Testing
import Values

@testable import HTTPServer

@Suite struct HTTP1Tests {
  @Test func keepsTheConnectionAndAnswersInOrder() async throws {
    try await withServer(Responder.echo) { address, _ in
      let socket = try TestSocket(address)
      try socket.send("GET /one?x HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(try socket.receiveResponse().body == "GET /one x ")
      let pipelined = (1...50).map { "POST /\($0) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi" }
      try socket.send(pipelined.joined())
      for number in 1...50 { #expect(try socket.receiveResponse().body == "POST /\(number)  hi") }
    }
  }

  @Test func laterAnswersKeepTheirPlace() async throws {
    let handler = Responder { request in
      let path = String(decoding: request.path, as: UTF8.self)
      guard path == "/slow" else { return .now(.plain(200, path)) }
      return .later {
        await SystemClock().sleep(for: .milliseconds(20))
        return .plain(202, path)
      }
    }
    try await withServer(handler) { address, _ in
      let socket = try TestSocket(address)
      try socket.send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\nGET /fast HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let first = try socket.receiveResponse()
      #expect(first.body == "/slow")
      #expect(first.head.hasPrefix("HTTP/1.1 202 Accepted\r\n"))
      #expect(try socket.receiveResponse().body == "/fast")
    }
  }

  @Test func takesChunkedBodiesAndSaysContinue() async throws {
    try await withServer(Responder.echo) { address, _ in
      let socket = try TestSocket(address)
      try socket.send(
        "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
      #expect(try socket.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
      try socket.send("5\r\nhello\r\n")
      try socket.send("1\r\n!\r\n0\r\n\r\n")
      #expect(try socket.receiveResponse().body == "POST /a  hello!")
    }
  }

  @Test func headAnd304HaveNoBody() async throws {
    let handler = Responder { request in
      request.path.elementsEqual("/304".utf8)
        ? .now(Response(status: 304, headers: [("etag", "\"x\"")], body: .blob(Blob("never"))))
        : .now(.plain(200, "twelve bytes"))
    }
    try await withServer(handler) { address, _ in
      let socket = try TestSocket(address)
      try socket.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let head = try socket.receiveResponse(hasBody: false).head
      #expect(head.contains("\r\nContent-Length: 12\r\n"))
      #expect(head.contains("\r\nDate: ") && head.contains(" GMT\r\n"))
      try socket.send("GET /304 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      let rest = try socket.receiveAll()
      #expect(rest.hasPrefix("HTTP/1.1 304 Not Modified\r\n"))
      #expect(rest.hasSuffix("Connection: close\r\n\r\n"))
    }
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
  ])
  func smugglingIsRefusedAndTheConnectionEnds(_ attack: String) async throws {
    try await withServer(Responder.echo) { address, server in
      let socket = try TestSocket(address)
      try socket.send("GET /ok HTTP/1.1\r\nHost: localhost\r\n\r\n" + attack + "GET /smuggled HTTP/1.1\r\n\r\n")
      let all = try socket.receiveAll()
      #expect(all.contains("GET /ok"))
      #expect(all.contains("HTTP/1.1 400 Bad Request\r\n"))
      #expect(all.contains("refused: "))
      #expect(!all.contains("smuggled"))
      #expect(await server.metrics().protocolErrors == 1)
    }
  }

  @Test func aBodyBeyondTheLimitIsRefused() async throws {
    var limits = Limits()
    limits.bodyBytes = 1000
    try await withServer(Responder.echo, limits: limits) { address, _ in
      for framing in ["Content-Length: 1001", "Transfer-Encoding: chunked"] {
        let socket = try TestSocket(address)
        try socket.send("POST / HTTP/1.1\r\nHost: localhost\r\n\(framing)\r\n\r\n3e9\r\n")
        let answer = try socket.receiveAll()
        #expect(answer.hasPrefix("HTTP/1.1 413 "))
        #expect(answer.contains("refused: the request body is larger than 1000 bytes"))
      }
    }
  }

  @Test func aStreamIsChunkedAndEndsWithItsSource() async throws {
    let source = ScriptedSource()
    try await withServer(Responder { _ in .stream(StreamResponse(source: source)) }) { address, _ in
      let socket = try TestSocket(address)
      try socket.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(try socket.receive(through: "\r\n\r\n").contains("Transfer-Encoding: chunked"))
      source.push("hello")
      #expect(try socket.receive(through: "hello\r\n") == "5\r\nhello\r\n")
      source.push("again, and longer")
      #expect(try socket.receive(through: "longer\r\n") == "11\r\nagain, and longer\r\n")
      #expect(!source.isCancelled)
      source.end()
      #expect(try socket.receive(through: "0\r\n\r\n") == "0\r\n\r\n")
      try await source.waitForCancel()
    }
  }

  @Test func aStreamHearsThatThePeerWentAway() async throws {
    let source = ScriptedSource()
    try await withServer(Responder { _ in .stream(StreamResponse(source: source)) }) { address, server in
      let socket = try TestSocket(address)
      try socket.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      _ = try socket.receive(through: "\r\n\r\n")
      socket.close()
      try await source.waitForCancel()
      try await server.wait { $0.connectionsOpen == 0 && $0.requestsOpen == 0 && $0.streamsOpen == 0 }
    }
  }

  @Test func aStreamIsPulledOnlyAsFarAsThePeerReads() async throws {
    let block = Blob([UInt8](repeating: 65, count: 64 * 1024))
    let source = EndlessSource(block)
    try await withServer(Responder { _ in .stream(StreamResponse(source: source)) }) { address, server in
      let socket = try TestSocket(address)
      try socket.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      _ = try socket.receive(through: "\r\n\r\n")
      try await server.wait { $0.bytesSent > 100_000 }
      await SystemClock().sleep(for: .milliseconds(100))
      // Socket buffers and one batch; nothing near what an unread endless stream would come to.
      #expect(source.pulledBytes < 64 * 1024 * 1024)
      let before = source.pulledBytes
      for _ in 0..<20 { _ = try socket.receive(count: 1 << 20) }
      #expect(source.pulledBytes > before)
    }
  }

  @Test func anUpgradeCarriesRawBytesBothWays() async throws {
    let source = ScriptedSource()
    let sink = EchoSink(source)
    let handler = Responder { _ in
      .upgrade(Upgrade(headers: [("upgrade", "echo")], source: source, sink: sink))
    }
    try await withServer(handler) { address, _ in
      let socket = try TestSocket(address)
      try socket.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly")
      let head = try socket.receive(through: "\r\n\r\n")
      #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
      #expect(head.contains("\r\nUpgrade: echo\r\n"))
      #expect(try socket.receive(through: "early") == "early")
      try socket.send("raw \u{0} bytes")
      #expect(try socket.receive(through: "bytes") == "raw \u{0} bytes")
      socket.endOutput()
      #expect(try socket.receiveAll() == "bye")
      try await source.waitForCancel()
    }
  }

  @Test func slowPeersAreCutOff() async throws {
    let clock = VirtualClock(now: Instant(seconds: 1_000_000))
    try await withServer(Responder.echo, clock: clock) { address, server in
      let slowHeader = try TestSocket(address)
      try slowHeader.send("GET / HTTP/1.1\r\nHost:")
      let slowBody = try TestSocket(address)
      try slowBody.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1")
      let idle = try TestSocket(address)
      try idle.send("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(try idle.receiveResponse().body == "GET /x  ")
      let silent = try TestSocket(address)
      try await server.wait { $0.connectionsOpen == 4 && $0.requestsOpen == 2 }
      await clock.advance(by: .seconds(32))
      #expect(try slowHeader.receiveAll().hasPrefix("HTTP/1.1 408 "))
      #expect(try silent.receiveAll() == "")
      try idle.send("GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(try idle.receiveResponse().body == "GET /y  ")
      await clock.advance(by: .seconds(35))
      #expect(try slowBody.receiveAll().hasPrefix("HTTP/1.1 408 "))
      await clock.advance(by: .seconds(92))
      #expect(try idle.receiveAll() == "")
      #expect(await server.metrics().timeouts == 4)
    }
  }

  @Test func stoppingEndsStreamsAndClosesConnections() async throws {
    let source = ScriptedSource()
    // No time passes, so that no slow machine can have the idle one closed.
    let clock = VirtualClock(now: Instant(seconds: 1_000_000))
    try await withServer(Responder { _ in .stream(StreamResponse(source: source)) }, clock: clock) { address, server in
      let watching = try TestSocket(address)
      try watching.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      _ = try watching.receive(through: "\r\n\r\n")
      let idle = try TestSocket(address)
      try await server.wait { $0.connectionsOpen == 2 }
      let stopping = server.stopElsewhere()
      #expect(try watching.receiveAll() == "0\r\n\r\n")
      #expect(try idle.receiveAll() == "")
      watching.close()
      idle.close()
      await stopping.value
      #expect(source.isCancelled)
    }
  }
}
