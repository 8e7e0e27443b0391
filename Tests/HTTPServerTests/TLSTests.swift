import Testing
import Values

@testable import HTTPServer

@Suite struct TLSTests {
  static let tls = TLSConfiguration(
    certificateChainPEM: Array(Fixtures.serverCertificate.utf8), privateKeyPEM: Array(Fixtures.serverKey.utf8),
    clientAuthoritiesPEM: Array(Fixtures.authority.utf8))

  /// Says who came.
  static let identify = Responder { request in
    let certificate = request.peerCertificateDER.map { "certificate of \($0.count) bytes" } ?? "no certificate"
    let isForeign = request.peer.certificateProblem != nil
    return .now(.plain(200, "\(request.isTLS) \(request.remote.isLoopback) \(certificate) foreign=\(isForeign)"))
  }

  @Test func negotiatesTheProtocol() async throws {
    try await withServer(Self.identify, tls: Self.tls) { address, _ in
      #expect(try TestSocket(address).startTLS(offering: ["h2", "http/1.1"]) == "h2")
      #expect(try TestSocket(address).startTLS(offering: ["http/1.1"]) == "http/1.1")
      #expect(try TestSocket(address).startTLS(offering: ["spdy/3"]) == "")
      let client = try HTTP2Client(address, tls: true)
      #expect(try client.request("GET", "/").text == "true true no certificate foreign=false")
    }
  }

  @Test func tellsTrustedClientsFromStrangers() async throws {
    try await withServer(Self.identify, tls: Self.tls) { address, _ in
      func ask(_ certificate: String?, _ key: String?) throws -> String {
        let socket = try TestSocket(address)
        _ = try socket.startTLS(offering: ["http/1.1"], certificate: certificate, key: key)
        try socket.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return try socket.receiveResponse().body
      }
      let anonymous = try ask(nil, nil)
      #expect(anonymous == "true true no certificate foreign=false")
      let known = try ask(Fixtures.clientCertificate, Fixtures.clientKey)
      #expect(known.contains("certificate of "))
      let stranger = try ask(Fixtures.strangerCertificate, Fixtures.strangerKey)
      #expect(stranger == "true true no certificate foreign=true")
    }
  }

  @Test func largeBodiesGoBothWays() async throws {
    let handler = Responder { .now(Response(status: 200, body: .chunks([Blob($0.body), Blob($0.body)]))) }
    try await withServer(handler, tls: Self.tls) { address, _ in
      let body = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      let reply = try HTTP2Client(address, tls: true).request("POST", "/", body: body)
      #expect(reply.body == body + body)
    }
  }

  @Test(arguments: [false, true])
  func requestsBeyondThePipelineLimitWaitForTheirTurn(_ isTLS: Bool) async throws {
    let handler = Responder { request in
      let path = String(decoding: request.path, as: UTF8.self)
      return .later {
        await Task.yield()
        return .plain(200, path)
      }
    }
    try await withServer(handler, tls: isTLS ? Self.tls : nil) { address, _ in
      let socket = try TestSocket(address)
      if isTLS { _ = try socket.startTLS(offering: ["http/1.1"]) }
      try socket.send((0..<3000).map { "GET /\($0) HTTP/1.1\r\nHost: localhost\r\nX: yyyyyyyyyyyyyy\r\n\r\n" }.joined())
      for number in 0..<3000 { #expect(try socket.receiveResponse().body == "/\(number)") }
    }
  }

  @Test func aClientInClearIsTurnedAway() async throws {
    try await withServer(Self.identify, tls: Self.tls) { address, server in
      let socket = try TestSocket(address)
      try socket.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(try !socket.receiveAll().contains("200 OK"))
      try await server.wait { $0.connectionsOpen == 0 }
    }
  }

  @Test func badCertificatesAreNamed() throws {
    var broken = Self.tls
    broken.privateKeyPEM = Array(Fixtures.clientKey.utf8)
    #expect(throws: ServerError.self) { _ = try TLSContext(broken) }
    broken.certificateChainPEM = Array("no PEM".utf8)
    #expect(throws: ServerError.self) { _ = try TLSContext(broken) }
  }
}
