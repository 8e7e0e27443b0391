import Glibc
import JSONCore

/// An answer as it came over the wire.
struct Reply: Sendable {
  struct Malformed: Error { var text: String }

  var status: Int
  /// Names in lower case.
  var headers: [(name: String, value: String)]
  var body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }

  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  func all(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }

  var json: JSON { get throws { try JSON.parse(body) } }

  /// The events of a watch.
  var events: [JSON] { get throws { try body.split(separator: 10).map { try JSON.parse(Array($0)) } } }

  init(_ bytes: [UInt8]) throws {
    let separator = Array("\r\n\r\n".utf8)
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }) else {
      throw Malformed(text: String(decoding: bytes, as: UTF8.self))
    }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n").map(String.init)
    guard let code = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw Malformed(text: lines.first ?? "")
    }
    status = code
    headers = lines.dropFirst().map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
    }
    body = Array(bytes[(end + 4)...])
    if header("transfer-encoding") == "chunked" { body = Self.unchunked(body) }
  }

  private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while let end = bytes[index...].firstIndex(of: 13),
      let count = Int(String(decoding: bytes[index..<end], as: UTF8.self), radix: 16), count > 0
    {
      result += bytes[(end + 2)..<min(end + 2 + count, bytes.count)]
      index = end + 4 + count
      if index >= bytes.count { break }
    }
    return result
  }
}

/// A socket that blocks: one request, one answer.
enum Connection {
  struct Failure: Error { var code: Int32 }

  static func exchange(port: Int, _ request: [UInt8]) throws -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(code: errno) }
    defer { close(descriptor) }
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw Failure(code: errno) }
    var sent = 0
    while sent < request.count {
      let count = request.withUnsafeBytes { write(descriptor, $0.baseAddress! + sent, request.count - sent) }
      guard count > 0 else { throw Failure(code: errno) }
      sent += count
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 { throw Failure(code: errno) }
      if count == 0 { return answer }
      answer += buffer[..<count]
    }
  }
}
