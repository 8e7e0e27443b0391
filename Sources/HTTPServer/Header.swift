import CNghttp2
import Values

/// A response header's name, in lower case: a literal, or text from elsewhere that is brought into lower case.
public struct HeaderName: Sendable, ExpressibleByStringLiteral {
  enum Storage: Sendable {
    case literal(StaticString)
    case text(String)
  }

  let storage: Storage

  /// A literal must be in lower case already.
  public init(stringLiteral value: StaticString) { storage = .literal(value) }

  public init(_ text: String) { storage = .text(text.lowercased()) }
}

extension HeaderName: Equatable {
  public static func == (left: HeaderName, right: HeaderName) -> Bool { left.bytes == right.bytes }
}

/// Response headers in order.
public typealias Headers = [(name: HeaderName, value: String)]

/// Headers that many responses share, encoded once for both protocols. Make them at start and keep them.
public final class PreparedHeaders: @unchecked Sendable {
  /// Name and value bytes, at a fixed address, since nghttp2 is told not to copy them.
  private let memory: UnsafeMutablePointer<UInt8>
  let fields: [nghttp2_nv]
  /// `Name: value\r\n` lines.
  let lines: [UInt8]
  /// The header by which each response gets a name of its own.
  let identifier: StaticString?

  /// - Parameter identifier: a header, in lower case, that the server adds to each response with a random UUID, unless the
  ///   response brings one.
  public init(_ headers: Headers, identifier: StaticString? = nil) {
    self.identifier = identifier
    let encoded = headers.map { (name: Array($0.name.bytes), value: $0.value.utf8.map(sanitized)) }
    memory = .allocate(capacity: max(1, encoded.reduce(0) { $0 + $1.name.count + $1.value.count }))
    var end = memory
    func place(_ bytes: [UInt8]) -> UnsafeMutablePointer<UInt8> {
      defer { end += bytes.count }
      end.initialize(from: bytes, count: bytes.count)
      return end
    }
    let flags = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
    fields = encoded.map {
      nghttp2_nv(
        name: place($0.name), value: place($0.value), namelen: $0.name.count, valuelen: $0.value.count, flags: flags)
    }
    var lines = ByteBuffer()
    for header in headers { lines.appendLine(header.name, header.value) }
    self.lines = lines.bytes
  }

  deinit { memory.deallocate() }

  public static let none = PreparedHeaders([])
}

extension HeaderName {
  var bytes: [UInt8] {
    switch storage {
    case .literal(let name): Array(name.bytes)
    case .text(let name): name.utf8.map { isTokenByte($0) ? $0 : UInt8(ascii: "-") }
    }
  }
}

extension ByteBuffer {
  /// One HTTP/1.1 header line, the name in its usual capitals.
  mutating func appendLine(_ name: HeaderName, _ value: String) {
    switch name.storage {
    case .literal(let name): appendCapitalized(name.bytes)
    case .text: appendCapitalized(name.bytes)
    }
    append(": ")
    for byte in value.utf8 { append(sanitized(byte)) }
    append("\r\n")
  }

  private mutating func appendCapitalized(_ name: some Sequence<UInt8>) {
    var isStart = true
    for byte in name {
      append(isStart && byte >= 97 && byte <= 122 ? byte - 32 : byte)
      isStart = byte == UInt8(ascii: "-")
    }
  }
}

/// A control character in a value could end the line and start another header: it becomes a space.
func sanitized(_ byte: UInt8) -> UInt8 { (byte < 32 && byte != 9) || byte == 127 ? 32 : byte }

/// RFC 9110's `tchar`.
func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 48...57, 65...90, 94...122, 124, 126, 33, 35...39, 42, 43, 45, 46: true
  default: false
  }
}
