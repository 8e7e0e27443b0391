import EventLoops
import Glibc
import Synchronization
import Testing
import Values

@testable import HTTPServer

/// Who reads slowly, on either side.
@Suite struct FlowTests {
  /// Takes no more after each piece, and sends what it is told to.
  final class Valve: SPDYPeer, WebSocketPeer {
    private struct State {
      var connection: SPDYConnection?
      var socket: WebSocket?
      var received = 0
      var isOpen = false
    }

    private let state = Mutex(State())

    func opened(_ connection: SPDYConnection) { state.withLock { $0.connection = connection } }
    func opened(_ socket: WebSocket) { state.withLock { $0.socket = socket } }
    func began(_ stream: UInt32, headers: [(name: String, value: String)]) -> Bool { true }
    func received(_ stream: UInt32, _ bytes: [UInt8]) -> Bool { take(bytes.count) }
    func received(_ message: WebSocketMessage) -> Bool {
      if case .binary(let bytes) = message { take(bytes.count) } else { true }
    }
    func ended(_ stream: UInt32) {}
    func reset(_ stream: UInt32) {}
    func drained() {}
    func closed() {}

    private func take(_ count: Int) -> Bool {
      state.withLock { state in
        state.received += count
        return state.isOpen
      }
    }

    var received: Int { state.withLock { $0.received } }
    var connection: SPDYConnection? { state.withLock { $0.connection } }

    /// Output, which says nothing of input.
    func speak() {
      let (connection, socket) = state.withLock { ($0.connection, $0.socket) }
      connection?.send(1, [1])
      socket?.send(.binary([1]))
    }

    func open() {
      let (connection, socket) = state.withLock { state in
        state.isOpen = true
        return (state.connection, state.socket)
      }
      connection?.resume()
      socket?.resume()
    }

    func wait(for count: Int) async throws {
      for _ in 0..<2000 where received < count { await SystemClock().sleep(for: .milliseconds(2)) }
      #expect(received == count)
    }
  }

  enum Form: CaseIterable { case spdy, webSocket, tunnel }

  static let total = 6_000_000

  static func withClient(
    _ form: Form, _ valve: Valve, _ body: (TestSocket) async throws -> Void
  ) async throws {
    let handler = Responder { request in
      if form == .spdy { return SPDYConnection(valve).answer(streamProtocol: nil) }
      return WebSocket.answer(request, subprotocols: [], refuse: { .plain($0, $1) }) { _ in
        if form == .tunnel { return SPDYTunnel(SPDYConnection(valve)) }
        return valve
      }
    }
    try await withServer(handler) { address, _ in
      let socket = try TestSocket(address)
      let spdy = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n"
      try socket.send(form == .spdy ? spdy : WebSocketTests.request())
      _ = try socket.receive(through: "\r\n\r\n")
      try await body(socket)
    }
  }

  @Test(arguments: Form.allCases) func onlyResumingReadsOn(_ form: Form) async throws {
    let valve = Valve()
    try await Self.withClient(form, valve) { socket in
      let piece = [UInt8](repeating: 7, count: 20_000)
      let frame = SPDYFrames.bytes(.data(1, piece, isLast: false))
      let opening = SPDYTests.Client().open(1, [])
      var bytes: [UInt8] =
        switch form {
        case .spdy: opening
        case .webSocket: []
        case .tunnel: WebSocketTests.frame(0x82, opening)
        }
      let packet =
        switch form {
        case .spdy: frame
        case .webSocket: WebSocketTests.frame(0x82, piece)
        case .tunnel: WebSocketTests.frame(0x82, frame)
        }
      for _ in 0..<(Self.total / piece.count) { bytes += packet }
      let sender = Task(executorPreference: Loop(label: "sender")) { [bytes, descriptor = socket.descriptor] in
        Self.send(bytes, descriptor)
      }
      for _ in 0..<50 {
        valve.speak()
        await SystemClock().sleep(for: .milliseconds(2))
      }
      #expect(valve.received > 0 && valve.received <= 10 * 65536)
      valve.open()
      try await valve.wait(for: Self.total)
      await sender.value
    }
  }

  private static func send(_ bytes: [UInt8], _ descriptor: Int32) {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.send(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, 0)
        if count <= 0 { return }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// More than a WebSocket holds, before the client reads any of it.
  /// Its pings would not be heard; clients hang up that hear nothing for a minute.
  @Test func aPeerThatIsNotReadFromHearsPongs() async throws {
    let valve = Valve()
    try await Self.withClient(.webSocket, valve) { socket in
      try socket.send(WebSocketTests.frame(0x82, [1, 2, 3]))
      #expect(try socket.receive(count: 2) == [0x8a, 0])
      valve.open()
    }
  }

  @Test func tunnelsLoseNothing() async throws {
    let valve = Valve()
    valve.open()
    try await Self.withClient(.tunnel, valve) { socket in
      try socket.send(WebSocketTests.frame(0x82, SPDYTests.Client().open(1, [])))
      #expect(try Self.payload(socket).first == 0x80)
      let pieces = (0..<400).map { [UInt8](repeating: UInt8($0 & 0xff), count: 30_000) }
      for piece in pieces { valve.connection?.send(1, piece) }
      valve.connection?.end(1)
      valve.connection?.abort()
      var reader = SPDYFrames()
      var data: [UInt8] = []
      reading: while true {
        reader.append(try Self.payload(socket))
        while let frame = try reader.next() {
          if case .data(1, let bytes, let isLast) = frame {
            data += bytes
            if isLast { break reading }
          }
        }
      }
      #expect(data == Array(pieces.joined()))
      #expect(try socket.receive(count: 4) == [0x88, 2, 3, 232])
    }
  }

  private static func payload(_ socket: TestSocket) throws -> [UInt8] {
    let head = try socket.receive(count: 2)
    var count = Int(head[1])
    if count >= 126 { count = try socket.receive(count: count == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) } }
    return try socket.receive(count: count)
  }

  @Test func queuesKeepTheirOrder() {
    var queue = ByteQueue()
    var (next, taken) = (0, 0)
    for round in 0..<500 {
      queue += (0..<(round % 7)).map { UInt8(truncatingIfNeeded: next + $0) }
      next += round % 7
      for byte in queue.take(round % 5) {
        #expect(byte == UInt8(truncatingIfNeeded: taken))
        taken += 1
      }
      #expect(queue.count == next - taken)
    }
    #expect(queue.take(.max).count == next - taken && queue.isEmpty && queue.take(3).isEmpty)
  }
}
