import Testing

@testable import HTTPServer

@Suite struct HTTP1ParserTests {
  /// What a parser made of some bytes: a line for each request, and how it ended.
  static func outcome(_ bytes: [UInt8], pieces: [Int] = [], limits: Limits = Limits()) -> [String] {
    var parser = HTTP1Parser(limits: limits)
    var lines: [String] = []
    var request = RequestArena(peer: .nobody)
    var waiting: [UInt8] = []
    let cuts = pieces + [bytes.count]
    var start = 0
    for cut in cuts {
      waiting += bytes[start..<cut]
      start = cut
      var offset = 0
      while offset < waiting.count {
        let step = waiting.withUnsafeBufferPointer { parser.parse($0, &offset, into: request) }
        if step == .needsMore { break }
        if case .failed(let failure) = step { return lines + ["failed \(failure.status)"] }
        if step == .request {
          lines.append(Self.describe(request, parser))
          request = RequestArena(peer: .nobody)
        }
      }
      waiting.removeFirst(offset)
    }
    return lines + (parser.isInside ? ["incomplete"] : [])
  }

  static func describe(_ arena: RequestArena, _ parser: HTTP1Parser) -> String {
    let request = Request(arena: arena)
    let headers = request.allHeaders.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
    return "\(request.method) \(String(decoding: request.path, as: UTF8.self))"
      + "?\(String(decoding: request.query, as: UTF8.self)) [\(headers)] "
      + "\(String(decoding: request.body, as: UTF8.self)) keeps=\(parser.keepsAlive)"
  }

  static let good: [(String, [String])] = [
    ("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n", ["get /a?b=c [host=x]  keeps=true"]),
    ("\r\nGET / HTTP/1.1\r\nhOsT:x:80 \t\r\nA:\r\n\r\n", ["get /? [host=x:80;a=]  keeps=true"]),
    ("GET / HTTP/1.0\r\n\r\n", ["get /? []  keeps=false"]),
    ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", ["get /? [connection=Keep-Alive]  keeps=true"]),
    ("GET / HTTP/1.1\r\nHost: x\r\nConnection: a, close\r\n\r\n", ["get /? [host=x;connection=a, close]  keeps=false"]),
    (
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", ["post /? [host=x;content-length=3] abc keeps=true"]
    ),
    (
      "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n00A\r\n0123456789\r\n0\r\nT: r\r\n\r\n",
      ["put /? [host=x;transfer-encoding=chunked] abc0123456789 keeps=true"]
    ),
    (
      "GET http://y:1/p?q HTTP/1.1\r\nHost: x\r\n\r\nDELETE /2 HTTP/1.1\r\nHost: x\r\n\r\n",
      ["get /p?q [host=y:1]  keeps=true", "delete /2? [host=x]  keeps=true"]
    ),
    ("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", ["options *? [host=x]  keeps=true"]),
    ("BREW /pot HTTP/1.1\r\nHost: x\r\n\r\nGET", ["other /pot? [host=x]  keeps=true", "incomplete"]),
  ]

  static let bad: [(String, Int)] = [
    ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 4\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n", 413),
    ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    ("GET / HTTP/1.1\nHost: x\n\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nA: b\u{0}c\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400),
    ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    ("GET / FTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("GET / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", 417),
    ("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    ("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
    ("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", 400),
    ("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n", 400),
    ("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n", 413),
    ("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400),
    ("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n", 400),
    ("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad trailer\r\n\r\n", 400),
  ]

  @Test(arguments: good) func reads(_ text: String, _ expected: [String]) {
    #expect(Self.outcome(Array(text.utf8)) == expected)
  }

  @Test(arguments: bad) func refuses(_ text: String, _ status: Int) {
    #expect(Self.outcome(Array(text.utf8)) == ["failed \(status)"])
  }

  @Test func splittingAnywhereChangesNothing() {
    for text in Self.good.map(\.0) + Self.bad.map(\.0) {
      let bytes = Array(text.utf8)
      let whole = Self.outcome(bytes)
      for cut in 0...bytes.count { #expect(Self.outcome(bytes, pieces: [cut]) == whole) }
      #expect(Self.outcome(bytes, pieces: Array(1..<max(1, bytes.count))) == whole)
    }
  }

  @Test func randomBytesAndMutationsNeverTrap() {
    var random = Xorshift(state: 0x5DEE_CE66)
    let seeds = (Self.good.map(\.0) + Self.bad.map(\.0)).map { Array($0.utf8) }
    for round in 0..<20_000 {
      var bytes = seeds[round % seeds.count]
      for _ in 0..<random.next(8) where !bytes.isEmpty {
        let index = random.next(bytes.count)
        switch random.next(4) {
        case 0: bytes[index] = UInt8(random.next(256))
        case 1: bytes.remove(at: index)
        case 2: bytes.insert([0, 9, 10, 13, 32, 58, 255][random.next(7)], at: index)
        default: bytes += seeds[random.next(seeds.count)].prefix(random.next(60))
        }
      }
      let cut = random.next(bytes.count + 1)
      #expect(Self.outcome(bytes, pieces: [cut]) == Self.outcome(bytes))
    }
  }

  @Test func headersHaveLimits() {
    var limits = Limits()
    limits.headerBytes = 100
    limits.headerCount = 3
    let long = "GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 100))\r\n\r\n"
    #expect(Self.outcome(Array(long.utf8), limits: limits) == ["failed 431"])
    #expect(Self.outcome(Array(long.utf8.dropLast(4)), limits: limits) == ["failed 431"])
    let many = "GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 3) + "\r\n"
    #expect(Self.outcome(Array(many.utf8), limits: limits) == ["failed 431"])
  }
}

extension Peer {
  static let nobody = Peer(address: SocketAddress(host: "127.0.0.1", port: 1, isLoopback: true), isTLS: false)
}

struct Xorshift {
  var state: UInt64

  /// A number from 0 up to, not with, `bound`.
  mutating func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return bound == 0 ? 0 : Int(state % UInt64(bound))
  }
}
