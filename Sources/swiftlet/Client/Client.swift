import Foundation

/// One request at a time over HTTP/1.1: all that the companions of `up` need to talk to it.
struct Client: Sendable {
  struct Answer: Sendable {
    var status: Int
    var body: String
  }

  let access: ServerAccess
  private let host: String
  private let port: String
  private let isSecure: Bool

  init(_ access: ServerAccess) throws {
    guard let parts = URLComponents(string: access.url), let scheme = parts.scheme, ["http", "https"].contains(scheme),
      let host = parts.host, !host.isEmpty
    else {
      throw UsageError(description: "\(access.url) is no server: write http://HOST:PORT or https://HOST:PORT")
    }
    self.access = access
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    isSecure = scheme == "https"
    port = String(parts.port ?? (isSecure ? 443 : 80))
  }

  func send(_ method: String, _ path: String, body: String? = nil) throws -> Answer {
    let connection: any ClientConnection =
      isSecure
      ? try SecureConnection(try PlainConnection(host, port), host: host, access)
      : try PlainConnection(host, port)
    var lines = [
      "\(method) \(path) HTTP/1.1", "Host: \(host.contains(":") ? "[\(host)]" : host):\(port)", "Connection: close",
      "Accept: application/json",
    ]
    if let token = access.token?.trimmingCharacters(in: .whitespacesAndNewlines), !token.isEmpty {
      lines.append("Authorization: Bearer \(token)")
    }
    if body != nil { lines.append("Content-Type: application/json") }
    if body != nil || method == "POST" { lines.append("Content-Length: \(body?.utf8.count ?? 0)") }
    try connection.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")).utf8))
    return try parse(try readAll(connection))
  }

  /// Until the server closes, which it does for it was asked to.
  private func readAll(_ connection: any ClientConnection) throws -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let piece = try connection.read()
      if piece.isEmpty { return all }
      all += piece
    }
  }

  private func parse(_ bytes: [UInt8]) throws -> Answer {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n"), text.hasPrefix("HTTP/1."),
      let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap({ Int($0) })
    else {
      throw UsageError(
        description: bytes.isEmpty
          ? "\(host):\(port) closed the connection without an answer" : "\(host):\(port) does not speak HTTP")
    }
    return Answer(status: status, body: String(text[end.upperBound...]))
  }
}
