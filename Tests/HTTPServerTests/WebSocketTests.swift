import Synchronization
import Testing
import Values

@testable import HTTPServer

@Suite struct WebSocketTests {
  /// Says everything back, in the form it came; "bye" ends it.
  final class Parrot: WebSocketPeer {
    private let socket = Mutex<WebSocket?>(nil)
    private let closings = Mutex(0)

    func opened(_ socket: WebSocket) { self.socket.withLock { $0 = socket } }

    func received(_ message: WebSocketMessage) -> Bool {
      let socket = socket.withLock { $0 }
      if message == .text("bye") { socket?.close(reason: "bye") } else { socket?.send(message) }
      return true
    }

    func closed() { closings.withLock { $0 += 1 } }

    var closedCount: Int { closings.withLock { $0 } }
  }

  static func request(_ extra: String = "") -> String {
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
      + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\(extra)\r\n"
  }

  static func frame(_ first: UInt8, _ payload: [UInt8], mask: [UInt8] = [1, 2, 3, 4]) -> [UInt8] {
    let count = payload.count
    let length: [UInt8] = count < 126 ? [0x80 | UInt8(count)] : [0x80 | 126, UInt8(count >> 8), UInt8(count & 0xff)]
    return [first] + length + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
  }

  func withSocket(_ body: (TestSocket, Parrot) async throws -> Void) async throws {
    let parrot = Parrot()
    let handler = Responder { request in
      WebSocket.answer(
        request, subprotocols: ["v5.parrot", "v4.parrot"], refuse: { .plain($0, $1) }, peer: { _ in parrot })
    }
    try await withServer(handler) { address, _ in try await body(try TestSocket(address), parrot) }
  }

  @Test func talks() async throws {
    try await withSocket { socket, parrot in
      try socket.send(Self.request("Sec-WebSocket-Protocol: v9.parrot, v4.parrot\r\n"))
      let head = try socket.receive(through: "\r\n\r\n")
      #expect(head.contains("Sec-Websocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
      #expect(head.contains("Sec-Websocket-Protocol: v4.parrot\r\n"))
      try socket.send(Self.frame(0x81, Array("hello".utf8)))
      #expect(try socket.receive(count: 7) == [0x81, 5] + Array("hello".utf8))
      try socket.send(Self.frame(0x02, [1, 2]) + Self.frame(0x89, [9]) + Self.frame(0x80, [3]))
      #expect(try socket.receive(count: 3) == [0x8a, 1, 9])
      #expect(try socket.receive(count: 5) == [0x82, 3, 1, 2, 3])
      let large = [UInt8](repeating: 7, count: 1000)
      try socket.send(Self.frame(0x82, large))
      #expect(try socket.receive(count: 1004) == [0x82, 126, 3, 232] + large)
      try socket.send(Self.frame(0x81, Array("bye".utf8)))
      #expect(try socket.receive(count: 7) == [0x88, 5, 3, 232] + Array("bye".utf8))
      #expect(try socket.receive().isEmpty)
      #expect(parrot.closedCount == 1)
    }
  }

  @Test func refusesWhatItDoesNotSpeak() async throws {
    try await withSocket { socket, _ in
      try socket.send(Self.request("Sec-WebSocket-Protocol: v1.other\r\n"))
      #expect(try socket.receiveResponse().head.hasPrefix("HTTP/1.1 400 "))
      try socket.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(try socket.receiveResponse().head.hasPrefix("HTTP/1.1 400 "))
      try socket.send(Self.request().replacing("Version: 13", with: "Version: 8"))
      let old = try socket.receiveResponse().head
      #expect(old.hasPrefix("HTTP/1.1 426 ") && old.contains("Sec-Websocket-Version: 13\r\n"))
    }
  }

  static let violations: [([UInt8], UInt16)] = [
    ([0x81, 1, 65], 1002), (frame(0xc1, [65]), 1002), (frame(0x83, []), 1002), (frame(0x09, []), 1002),
    (frame(0x80, [1]), 1002), (frame(0x01, [65]) + frame(0x81, [65]), 1002), (frame(0x81, [0xff]), 1007),
    ([0x82, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0], 1009), ([0x82, 0xff, 255, 255, 255, 255, 255, 255, 255, 255], 1009),
    (frame(0x89, [UInt8](repeating: 0, count: 126)), 1002),
  ]

  @Test(arguments: violations) func closesOnViolations(_ bytes: [UInt8], _ code: UInt16) {
    var frames = WebSocketFrames()
    for byte in bytes { frames.append([byte]) }
    #expect(frames.next() == .failed(code: code))
  }
}
