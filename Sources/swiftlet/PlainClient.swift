import Foundation

/// One request over HTTP/1.1 without TLS: all that the companions of `up` need to talk to it on the same machine.
struct PlainClient {
  struct Answer {
    var status: Int
    var body: String
  }

  private let host: String
  private let port: String
  private let token: String?

  /// - Parameter url: `http://HOST[:PORT]`
  init(url: String, token: String?) throws {
    guard let parts = URLComponents(string: url), parts.scheme == "http", let host = parts.host, !host.isEmpty else {
      throw UsageError(
        description: "\(url) is not a clear-text URL: write http://HOST:PORT, as `swiftlet up` prints it")
    }
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    port = String(parts.port ?? 80)
    self.token = token?.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func send(_ method: String, _ path: String, body: String?) throws -> Answer {
    let descriptor = try connected()
    defer { close(descriptor) }
    var lines = [
      "\(method) \(path) HTTP/1.1", "Host: \(host.contains(":") ? "[\(host)]" : host):\(port)", "Connection: close",
      "Accept: application/json",
    ]
    if let token, !token.isEmpty { lines.append("Authorization: Bearer \(token)") }
    if let body { lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] }
    try write(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""), to: descriptor)
    return try parse(try readAll(descriptor))
  }

  private func connected() throws -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, port, &hints, &found)
    guard code == 0 else { throw UsageError(description: "\(host): \(String(cString: gai_strerror(code)))") }
    defer { freeaddrinfo(found) }
    var next = found
    while let address = next?.pointee {
      let descriptor = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
      if descriptor >= 0 {
        if connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return descriptor }
        close(descriptor)
      }
      next = address.ai_next
    }
    throw UsageError(description: "nobody answers at \(host):\(port): is `swiftlet up` running there?")
  }

  private func write(_ text: String, to descriptor: Int32) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw UsageError(description: "the connection to \(host):\(port) broke") }
      rest = rest.dropFirst(count)
    }
  }

  /// Until the server closes, which it does for it was asked to.
  private func readAll(_ descriptor: Int32) throws -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count >= 0 else { throw UsageError(description: "the connection to \(host):\(port) broke") }
      if count == 0 { return all }
      all += buffer[..<count]
    }
  }

  private func parse(_ bytes: [UInt8]) throws -> Answer {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n"), text.hasPrefix("HTTP/1."),
      let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap({ Int($0) })
    else { throw UsageError(description: "\(host):\(port) does not speak HTTP") }
    return Answer(status: status, body: String(text[end.upperBound...]))
  }
}
