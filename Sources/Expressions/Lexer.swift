import JSONCore
import Objects

/// A piece of text that belongs together.
struct Token: Equatable {
  enum Kind: Equatable {
    case name(String)
    /// A name in backticks, for fields whose names are no names here.
    case quotedName(String)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case symbol(String)
    case end
  }

  var kind: Kind
  var position: Int
}

/// Cuts an expression into tokens.
struct Lexer {
  private let text: [Unicode.Scalar]
  private var index = 0

  init(_ text: String) { self.text = Array(text.unicodeScalars) }

  static func tokens(_ text: String) throws(CompileError) -> [Token] {
    var lexer = Lexer(text)
    var tokens: [Token] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private var current: Unicode.Scalar? { index < text.count ? text[index] : nil }

  private func peek(_ offset: Int = 1) -> Unicode.Scalar? {
    index + offset < text.count ? text[index + offset] : nil
  }

  private func fail(_ message: String, at position: Int) -> CompileError {
    CompileError(position: position, message: "Syntax error: " + message)
  }

  private mutating func next() throws(CompileError) -> Token {
    skipSpace()
    let start = index
    guard let first = current else { return Token(kind: .end, position: start) }
    if let quoted = try string(at: start) { return quoted }
    if first.isLetter { return name(start) }
    if first.isDigit || (first == "." && (peek()?.isDigit ?? false)) { return try number(start) }
    if first == "`" { return try quotedName(start) }
    for symbol in Self.symbols where matches(symbol) {
      index += symbol.unicodeScalars.count
      return Token(kind: .symbol(symbol), position: start)
    }
    throw fail("token recognition error at: '\(first)'", at: start)
  }

  private static let symbols = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "?", ":", "+", "-", "*", "/", "%", "(", ")", "[", "]", "{", "}",
    ".", ",",
  ]

  private func matches(_ symbol: String) -> Bool {
    symbol.unicodeScalars.enumerated().allSatisfy { peek($0.offset) == $0.element }
  }

  private mutating func skipSpace() {
    while let scalar = current {
      if scalar == "/", peek() == "/" {
        while let scalar = current, scalar != "\n" { index += 1 }
      } else if scalar.properties.isWhitespace {
        index += 1
      } else {
        return
      }
    }
  }

  private mutating func name(_ start: Int) -> Token {
    while let scalar = current, scalar.isLetter || scalar.isDigit { index += 1 }
    return Token(kind: .name(slice(start, index)), position: start)
  }

  private mutating func quotedName(_ start: Int) throws(CompileError) -> Token {
    index += 1
    while let scalar = current, scalar != "`" { index += 1 }
    guard current != nil else { throw fail("token recognition error at: '`'", at: start) }
    index += 1
    return Token(kind: .quotedName(slice(start + 1, index - 1)), position: start)
  }

  private func slice(_ start: Int, _ end: Int) -> String {
    var result = String.UnicodeScalarView()
    result.append(contentsOf: text[start..<end])
    return String(result)
  }

  private mutating func number(_ start: Int) throws(CompileError) -> Token {
    if current == "0", peek() == "x" || peek() == "X" {
      index += 2
      while let scalar = current, scalar.properties.isASCIIHexDigit { index += 1 }
      return try whole(slice(start + 2, index), radix: 16, start)
    }
    while let scalar = current, scalar.isDigit { index += 1 }
    var isDouble = false
    if current == ".", peek()?.isDigit ?? false {
      isDouble = true
      index += 1
      while let scalar = current, scalar.isDigit { index += 1 }
    }
    if current == "e" || current == "E" {
      isDouble = true
      index += 1
      if current == "+" || current == "-" { index += 1 }
      while let scalar = current, scalar.isDigit { index += 1 }
    }
    guard isDouble else { return try whole(slice(start, index), radix: 10, start) }
    guard let value = Double(slice(start, index)) else { throw fail("invalid double literal", at: start) }
    return Token(kind: .double(value), position: start)
  }

  private mutating func whole(_ digits: String, radix: Int, _ start: Int) throws(CompileError) -> Token {
    if current == "u" || current == "U" {
      index += 1
      guard let value = UInt64(digits, radix: radix) else { throw fail("invalid uint literal", at: start) }
      return Token(kind: .uint(value), position: start)
    }
    // The least integer is one further from zero than the greatest; its minus comes before it.
    if radix == 10, digits == "9223372036854775808" { return Token(kind: .int(.min), position: start) }
    guard let value = Int64(digits, radix: radix) else { throw fail("invalid int literal", at: start) }
    return Token(kind: .int(value), position: start)
  }

  // MARK: - strings

  /// A string or bytes, when one starts here.
  private mutating func string(at start: Int) throws(CompileError) -> Token? {
    var offset = 0
    var isRaw = false
    var isBytes = false
    while let scalar = peek(offset), offset < 2 {
      if scalar == "r" || scalar == "R", !isRaw {
        isRaw = true
      } else if scalar == "b" || scalar == "B", !isBytes {
        isBytes = true
      } else {
        break
      }
      offset += 1
    }
    guard let quote = peek(offset), quote == "'" || quote == "\"" else { return nil }
    index += offset
    let isLong = peek(1) == quote && peek(2) == quote
    index += isLong ? 3 : 1
    var bytes: [UInt8] = []
    while true {
      guard let scalar = current, isLong || scalar != "\n" else {
        throw fail("token recognition error at: '\(slice(start, min(index, text.count)))'", at: start)
      }
      if scalar == quote, !isLong || (peek(1) == quote && peek(2) == quote) { break }
      if scalar == "\\", !isRaw {
        bytes += try escaped(isBytes: isBytes, start)
      } else {
        bytes += Array(String(scalar).utf8)
        index += 1
      }
    }
    index += isLong ? 3 : 1
    return Token(kind: isBytes ? .bytes(bytes) : .string(String(decoding: bytes, as: UTF8.self)), position: start)
  }

  private static let plainEscapes: [Unicode.Scalar: UInt8] = [
    "a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, "\"": 34, "`": 96, "?": 63,
  ]

  private mutating func escaped(isBytes: Bool, _ start: Int) throws(CompileError) -> [UInt8] {
    index += 1
    guard let scalar = current else { throw fail("unterminated string", at: start) }
    index += 1
    if let byte = Self.plainEscapes[scalar] { return [byte] }
    let length: Int
    var radix = 16
    switch scalar {
    case "x", "X": length = 2
    case "u": length = 4
    case "U": length = 8
    case "0"..."3":
      (length, radix) = (3, 8)
      index -= 1
    default: throw fail("invalid escape", at: start)
    }
    guard index + length <= text.count, let code = UInt32(slice(index, index + length), radix: radix) else {
      throw fail("invalid escape", at: start)
    }
    index += length
    if isBytes, length < 4, code < 256 { return [UInt8(code)] }
    guard let result = Unicode.Scalar(code) else { throw fail("invalid escape", at: start) }
    return Array(String(result).utf8)
  }
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
  fileprivate var isLetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_" }
}
