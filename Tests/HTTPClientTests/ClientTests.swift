import Testing

@testable import HTTPClient

/// Addresses and responses, and what is said where nobody answers. Conversations with a real server are part of the
/// acceptance checks.
@Suite struct ClientTests {
  @Test func addresses() throws {
    let plain = try #require(WebURL("https://example.com"))
    #expect(plain.host == "example.com" && plain.port == 443 && plain.target == "/")
    let full = try #require(WebURL("https://a.b.svc:8443/x/y?timeout=5s"))
    #expect(full.port == 8443 && full.target == "/x/y?timeout=5s" && full.authority == "a.b.svc:8443")
    let six = try #require(WebURL("https://[::1]:9443?q"))
    #expect(six.host == "::1" && six.port == 9443 && six.target == "/?q" && six.authority == "[::1]:9443")
    for bad in ["http://x", "https://", "https://u@x/", "https://x:0/", "https://x:y/", "https://x/\r\nhost: y", "x"] {
      #expect(WebURL(bad) == nil, "\(bad)")
    }
  }

  private func response(_ pieces: String...) throws -> (ClientResponse?, isReusable: Bool) {
    var reader = ResponseReader()
    for piece in pieces { try reader.take(Array(piece.utf8)) }
    return (try reader.response, reader.isReusable)
  }

  @Test func responses() throws {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    #expect(try response(head).0 == nil)
    let whole = try response(head, "o", "k")
    #expect(whole.0 == ClientResponse(status: 200, body: Array("ok".utf8)) && whole.isReusable)
    let closing = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    #expect(try response(closing).isReusable == false)
    let chunked = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(try response(chunked, "2\r\nab\r\n", "1;x\r\nc\r\n").0 == nil)
    #expect(try response(chunked, "2\r\nab\r\n", "1;x\r\nc\r\n0\r\n", "\r\n").0?.body == Array("abc".utf8))
    #expect(try response("HTTP/1.0 404 Not Found\r\n\r\nno").0 == nil)
    #expect(try response("HTTP/1.0 404 Not Found\r\n\r\nno", "").0?.body == Array("no".utf8))
    #expect(try response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n").0?.status == 204)
    #expect(throws: ClientError("EOF")) { try response("") }
    #expect(throws: ClientError("unexpected EOF")) { try response(head, "o", "") }
    #expect(throws: ClientError("malformed HTTP response")) { try response("SSH-2.0\r\n\r\n") }
    #expect(throws: ClientError.self) { try response("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n") }
    #expect(throws: ClientError.self) { try response(chunked, "fffffffffffffff\r\n") }
  }

  @Test func nobodyAnswers() async throws {
    let address = try #require(WebURL("https://127.0.0.1:1/x"))
    let error = await #expect(throws: ClientError.self) {
      try await HTTPClient().answer(ClientRequest("POST", address, timeout: .seconds(5)))
    }
    #expect(error?.message == "dial tcp 127.0.0.1:1: connect: connection refused")
  }
}
