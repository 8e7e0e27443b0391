import Foundation

/// A connection whose calls wait until they are done.
protocol ClientConnection {
  func write(_ bytes: [UInt8]) throws
  /// What has come; empty at the end.
  func read() throws -> [UInt8]
}

/// How much is read at once.
let clientPieceSize = 1 << 14

/// A TCP connection in clear.
final class PlainConnection: ClientConnection {
  let descriptor: Int32
  private let place: String

  init(_ host: String, _ port: String) throws {
    place = "\(host):\(port)"
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
        if connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 {
          self.descriptor = descriptor
          return
        }
        close(descriptor)
      }
      next = address.ai_next
    }
    throw UsageError(description: "nobody answers at \(place): is `swiftlet up` running there?")
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw broken }
      rest = rest.dropFirst(count)
    }
  }

  func read() throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: clientPieceSize)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw broken }
    return Array(buffer[..<count])
  }

  var broken: UsageError { UsageError(description: "the connection to \(place) broke") }
}
