import Values

/// Why a text is not JSON.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  public var message: String
  /// Bytes from the start of the text.
  public var offset: Int
  public var description: String { message }
}

extension JSON {
  /// How deep arrays and objects may nest, as in the Go decoder that stock clients are used to.
  public static let maximumDepth = 10_000

  /// Reads one JSON text (RFC 8259). Malformed UTF-8 and lone surrogates become U+FFFD, as Kubernetes does.
  /// - Parameter duplicates: receives the path of every key that its object already had (`spec.replicas`); the last value wins.
  public static func parse(_ bytes: UnsafeBufferPointer<UInt8>, duplicates: inout [String]) throws(JSONError) -> JSON {
    var parser = Parser(bytes: bytes)
    let value = try parser.document()
    duplicates = parser.duplicates.map(\.text)
    return value
  }

  public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSON {
    var ignored: [String] = []
    return try parse(bytes, duplicates: &ignored)
  }

  public static func parse(_ blob: Blob) throws(JSONError) -> JSON { try parse(blob.bytes) }

  public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
    do {
      return try bytes.withUnsafeBufferPointer { try parse($0) }
    } catch let error as JSONError {
      throw error
    } catch {
      throw JSONError(message: "\(error)", offset: 0)
    }
  }

  public static func parse(_ text: String) throws(JSONError) -> JSON { try parse(Array(text.utf8)) }
}

/// A recursive descent over the bytes; nothing is copied but strings.
private struct Parser {
  let bytes: UnsafeBufferPointer<UInt8>
  var index = 0
  var depth = 0
  var duplicates: [Duplicate] = []

  /// The path is put together from the inside out, only where a duplicate was found.
  struct Duplicate {
    var text: String
    mutating func prepend(_ key: String) { text = key + (text.hasPrefix("[") ? "" : ".") + text }
    mutating func prepend(index: Int) { text = "[\(index)]" + (text.hasPrefix("[") ? "" : ".") + text }
  }

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSON {
    skipSpace()
    let result = try value()
    skipSpace()
    if index < bytes.count { throw failure("invalid character \(shown) after top-level value") }
    return result
  }

  private mutating func value() throws(JSONError) -> JSON {
    guard index < bytes.count else { throw failure("unexpected end of JSON input") }
    switch bytes[index] {
    case UInt8(ascii: "{"): return try nested { (parser) throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { (parser) throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), 48...57: return try number()
    default: throw failure("invalid character \(shown) looking for beginning of value")
    }
  }

  private mutating func nested(_ body: (inout Parser) throws(JSONError) -> JSON) throws(JSONError) -> JSON {
    depth += 1
    if depth > JSON.maximumDepth { throw failure("exceeded max depth") }
    index += 1
    let result = try body(&self)
    depth -= 1
    return result
  }

  private mutating func object() throws(JSONError) -> JSON {
    var keys: [String] = []
    var contents: [JSON] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(Members()) }
    while true {
      skipSpace()
      guard index < bytes.count else { throw failure("unexpected end of JSON input") }
      guard bytes[index] == UInt8(ascii: "\"") else {
        throw failure("invalid character \(shown) looking for beginning of object key string")
      }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw unexpected("after object key") }
      skipSpace()
      let known = duplicates.count
      contents.append(try value())
      for index in known..<duplicates.count { duplicates[index].prepend(key) }
      keys.append(key)
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "}")) { break }
      throw unexpected("after object key:value pair")
    }
    return .object(Members(keys: keys, contents: contents) { duplicates.append(Duplicate(text: $0)) })
  }

  private mutating func array() throws(JSONError) -> JSON {
    var elements: [JSON] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array([]) }
    while true {
      skipSpace()
      let known = duplicates.count
      elements.append(try value())
      for index in known..<duplicates.count { duplicates[index].prepend(index: elements.count - 1) }
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "]")) { break }
      throw unexpected("after array element")
    }
    return .array(elements)
  }

  private mutating func string() throws(JSONError) -> String {
    index += 1
    let start = index
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        defer { index += 1 }
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      if byte < 0x20 { throw failure("invalid character \(shown) in string literal") }
      index += 1
    }
    throw failure("unexpected end of JSON input")
  }

  /// A string with at least one escape: copied piece by piece.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var text = Array(bytes[start..<index])
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
      case 0..<0x20:
        index -= 1
        throw failure("invalid character \(shown) in string literal")
      default: text.append(byte)
      }
    }
    throw failure("unexpected end of JSON input")
  }

  private mutating func escape() throws(JSONError) -> [UInt8] {
    guard index < bytes.count else { throw failure("unexpected end of JSON input") }
    let byte = bytes[index]
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"): return Array(String(Character(try unicodeEscape())).utf8)
    default:
      index -= 1
      throw failure("invalid character \(shown) in string escape code")
    }
  }

  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let replacement: Unicode.Scalar = "\u{FFFD}"
    let unit = try hex4()
    guard (0xD800..<0xE000).contains(unit) else { return Unicode.Scalar(unit) ?? replacement }
    guard unit < 0xDC00, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
      bytes[index + 1] == UInt8(ascii: "u")
    else { return replacement }
    let resume = index
    index += 2
    let low = try hex4()
    guard (0xDC00..<0xE000).contains(low) else {
      index = resume
      return replacement
    }
    return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? replacement
  }

  private mutating func hex4() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard index < bytes.count else { throw failure("unexpected end of JSON input") }
      guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue, bytes[index] < 128 else {
        throw failure("invalid character \(shown) in \\u hexadecimal character escape")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = index
    let negative = take(UInt8(ascii: "-"))
    var magnitude: UInt64 = 0
    var fits = true
    let digits = index
    while index < bytes.count, case 48...57 = bytes[index] {
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(bytes[index] - 48))
      fits = fits && !overflow && !carry
      magnitude = sum
      index += 1
    }
    guard index > digits, index == digits + 1 || bytes[digits] != 48 else { throw unexpected("in numeric literal") }
    let integral = index
    if take(UInt8(ascii: ".")) { try skipDigits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try skipDigits()
    }
    if index == integral, fits {
      if negative, magnitude <= UInt64(Int64.max) { return .int(-Int64(magnitude)) }
      if !negative, let value = Int64(exactly: magnitude) { return .int(value) }
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw failure("cannot unmarshal number \(text) into Go value of type float64")
    }
    return .double(value)
  }

  private mutating func skipDigits() throws(JSONError) {
    let start = index
    while index < bytes.count, case 48...57 = bytes[index] { index += 1 }
    if index == start { throw unexpected("in numeric literal") }
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    for offset in 0..<text.utf8CodeUnitCount {
      guard index < bytes.count, bytes[index] == text.utf8Start[offset] else {
        throw unexpected("in literal \(text)")
      }
      index += 1
    }
    return value
  }

  @inline(__always) private mutating func skipSpace() {
    while index < bytes.count {
      switch bytes[index] {
      case 32, 9, 10, 13: index += 1
      default: return
      }
    }
  }

  @inline(__always) private mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private var shown: String { index < bytes.count ? "'\(Character(Unicode.Scalar(bytes[index])))'" : "at the end" }

  private func unexpected(_ place: String) -> JSONError {
    index < bytes.count ? failure("invalid character \(shown) \(place)") : failure("unexpected end of JSON input")
  }

  private func failure(_ message: String) -> JSONError { JSONError(message: message, offset: index) }
}
