import Testing
import Values

@testable import HTTPServer

@Suite struct PolicyTests {
  static let policy = HostPolicy(
    allowedHosts: ["api.example.com", ".corp.example"], allowedOrigins: ["https://ui.example"])

  func request(_ method: Method, tls: Bool = false, _ headers: [(String, String)]) -> Request {
    let peer = Peer(address: Peer.nobody.address, isTLS: tls)
    let arena = RequestArena(peer: peer)
    arena.method = method
    for (name, value) in headers {
      Array(name.utf8).withUnsafeBufferPointer { name in
        Array(value.utf8).withUnsafeBufferPointer { arena.addField(name, $0) }
      }
    }
    return Request(arena: arena)
  }

  @Test(arguments: [
    "localhost", "localhost:8080", "LOCALHOST", "x.localhost", "127.0.0.1:80", "[::1]:80", "10.1.2.3", "swiftlet:8080",
    "api.example.com", "API.example.com:443", "a.b.corp.example", "",
  ])
  func ownNamesAreAnswered(_ host: String) {
    #expect(Self.policy.objection(to: request(.get, [("host", host)])) == nil)
  }

  @Test(arguments: [
    "evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "evil.com.",
  ])
  func foreignNamesAreNot(_ host: String) {
    #expect(Self.policy.objection(to: request(.get, [("host", host)])) != nil)
    #expect(Self.policy.objection(to: request(.get, tls: true, [("host", host)])) == nil)
  }

  @Test func changesMustComeFromOurOwnPages() {
    func isRefused(_ method: Method, _ origin: String, upgrade: Bool = false) -> Bool {
      let headers = [("host", "localhost:8080"), ("origin", origin)] + (upgrade ? [("upgrade", "websocket")] : [])
      return Self.policy.objection(to: request(method, headers)) != nil
    }
    #expect(!isRefused(.post, "http://localhost:8080"))
    #expect(!isRefused(.post, "https://ui.example"))
    #expect(isRefused(.post, "http://localhost:9090"))
    #expect(isRefused(.delete, "null"))
    #expect(isRefused(.put, "https://evil.example"))
    #expect(!isRefused(.get, "https://evil.example"))
    #expect(isRefused(.get, "https://evil.example", upgrade: true))
  }

  @Test func theServerAnswers403() async throws {
    try await withServer(Responder.echo) { address, _ in
      let socket = try TestSocket(address)
      try socket.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
      #expect(try socket.receiveResponse().head.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
    }
  }
}

@Suite struct CompressionTests {
  static let big = Blob((0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 100) })

  @Test func onlyLargeBodiesForClientsThatTakeIt() async throws {
    let handler = Responder { request in
      let body = request.path.elementsEqual("/big".utf8) ? Self.big : Blob("small")
      return .now(Response(status: 200, body: .blob(body), allowsCompression: true))
    }
    try await withServer(handler) { address, _ in
      let client = try HTTP2Client(address)
      let packed = try client.request("GET", "/big", headers: [("accept-encoding", "br, gzip;q=0.5")])
      #expect(packed.headers["content-encoding"] == "gzip")
      #expect(packed.headers["vary"] == "accept-encoding")
      #expect(packed.body.starts(with: [0x1f, 0x8b]) && packed.body.count < 20_000)
      for encoding in ["identity", "gzip;q=0", "br"] {
        let plain = try client.request("GET", "/big", headers: [("accept-encoding", encoding)])
        #expect(plain.headers["content-encoding"] == nil)
        #expect(plain.body.elementsEqual(Self.big.bytes))
      }
      #expect(try client.request("GET", "/", headers: [("accept-encoding", "gzip")]).text == "small")
    }
  }

  @Test func headerValuesCannotSplitAResponse() async throws {
    let handler = Responder { _ in
      .now(Response(status: 200, headers: [("x-name", "a\r\nSet-Cookie: b"), (HeaderName("X-Ünsafe: 1"), "c")]))
    }
    try await withServer(handler) { address, _ in
      let socket = try TestSocket(address)
      try socket.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let head = try socket.receiveResponse().head
      #expect(head.contains("X-Name: a  Set-Cookie: b\r\n"))
      #expect(!head.contains("\r\nSet-Cookie"))
      #expect(try HTTP2Client(address).request("GET", "/").headers["x-name"] == "a  Set-Cookie: b")
    }
  }

  @Test func theDateIsWrittenAsTheStandardWants() {
    var date = DateHeader()
    date.update(Instant(seconds: 784_111_777))
    #expect(String(decoding: date.bytes, as: UTF8.self) == "Sun, 06 Nov 1994 08:49:37 GMT")
  }
}

@Suite struct StaticFilesTests {
  static let files = StaticFiles(files: [
    ("/index.html", Blob("<p>hello")), ("/app/main.js", Blob("run()")), ("/a b.txt", Blob("space")),
  ])

  func answer(_ path: String, _ files: StaticFiles = files, known: String? = nil) -> Response? {
    let headers = known.map { [("if-none-match", $0)] } ?? []
    let request = PolicyTests().request(.get, headers)
    return files.answer(request, path: Array(path.utf8)[...])
  }

  func header(_ name: StaticString, _ response: Response?) -> String? {
    response?.headers.first { $0.name.bytes.elementsEqual(name.bytes) }?.value
  }

  @Test func findsFilesAndTheirTypes() {
    #expect(answer("/")?.body.blobs.first?.text == "<p>hello")
    #expect(header("content-type", answer("/")) == "text/html; charset=utf-8")
    #expect(header("content-type", answer("/app/main.js")) == "text/javascript; charset=utf-8")
    #expect(answer("/a%20b.txt")?.body.blobs.first?.text == "space")
    #expect(answer("/nothing") == nil)
    #expect(answer("/app/") == nil)
  }

  @Test func aKnownFileIsNotSentAgain() throws {
    let tag = try #require(header("etag", answer("/")))
    #expect(answer("/", known: tag)?.status == 304)
    #expect(answer("/", known: "\"x\", W/\(tag)")?.status == 304)
    #expect(answer("/", known: "\"x\"")?.status == 200)
  }

  @Test(arguments: [
    "/../etc/passwd", "/%2e%2e/etc/passwd", "/app/..%2f..%2fetc/passwd", "//etc/passwd", "/.hidden", "/a%00b", "/%",
    "/%zz",
    "/app/./main.js", "", "relative", "/..\\x",
  ])
  func nothingLeadsOutOfTheTree(_ path: String) {
    #expect(StaticFiles.components(Array(path.utf8)[...]) == nil)
    #expect(answer(path, StaticFiles(directory: "/usr")) == nil)
  }

  @Test func servesADirectoryWithoutFollowingLinks() {
    let files = StaticFiles(directory: "/etc")
    #expect(answer("/passwd", files)?.body.count ?? 0 > 0)
    #expect(answer("/mtab", files) == nil, "a symbolic link")
    #expect(answer("/ssl", files) == nil, "a directory")
  }
}
