import JSONCore

/// Texts: the language's own functions, the strings extension, and Kubernetes' regular expressions.
extension Functions {
  static let strings: Library = [
    "size": [
      .plain([.string], .int) { .int(Int64($0[0].text.unicodeScalars.count)) },
      .member([.string], .int) { .int(Int64($0[0].text.unicodeScalars.count)) },
      .plain([.bytes], .int) { .int(Int64($0[0].byteList.count)) },
      .member([.bytes], .int) { .int(Int64($0[0].byteList.count)) },
    ],
    "contains": [.member([.string, .string], .bool) { .bool($0[0].holds($0[1].text)) }],
    "startsWith": [.member([.string, .string], .bool) { .bool($0[0].text.utf8.starts(with: $0[1].text.utf8)) }],
    "endsWith": [
      .member([.string, .string], .bool) { .bool($0[0].text.utf8.reversed().starts(with: $0[1].text.utf8.reversed())) }
    ],
    "matches": [
      .member([.string, .string], .bool) { arguments throws(EvaluationError) in
        .bool(try pattern(arguments[1]).matches(arguments[0].text))
      },
      .plain([.string, .string], .bool) { arguments throws(EvaluationError) in
        .bool(try pattern(arguments[1]).matches(arguments[0].text))
      },
    ],
    "find": [
      .member([.string, .string], .string) { arguments throws(EvaluationError) in
        let text = arguments[0].text
        return .string(try pattern(arguments[1]).ranges(in: text).first.map { String(text[$0]) } ?? "")
      }
    ],
    "findAll": [
      .member([.string, .string], .list(.string)) { arguments throws(EvaluationError) in
        let text = arguments[0].text
        return .list(try pattern(arguments[1]).ranges(in: text).map { .string(String(text[$0])) })
      },
      .member([.string, .string, .int], .list(.string)) { arguments throws(EvaluationError) in
        let text = arguments[0].text
        let found = try pattern(arguments[1]).ranges(in: text)
        let limit = arguments[2].whole < 0 ? found.count : Int(min(arguments[2].whole, Int64(found.count)))
        return .list(found.prefix(limit).map { .string(String(text[$0])) })
      },
    ],
    "charAt": [
      .member([.string, .int], .string) { arguments throws(EvaluationError) in
        let scalars = Array(arguments[0].text.unicodeScalars)
        let index = arguments[1].whole
        guard index >= 0, index <= scalars.count else { throw EvaluationError("index out of range: \(index)") }
        return .string(index == scalars.count ? "" : String(scalars[Int(index)]))
      }
    ],
    "indexOf": [
      .member([.string, .string], .int) { .int(position(of: $0[1].text, in: $0[0].text, from: 0)) },
      .member([.string, .string, .int], .int) { .int(position(of: $0[1].text, in: $0[0].text, from: $0[2].whole)) },
    ],
    "lastIndexOf": [.member([.string, .string], .int) { .int(lastPosition(of: $0[1].text, in: $0[0].text)) }],
    "lowerAscii": [.member([.string], .string) { .string(ascii($0[0].text, 65...90, adding: 32)) }],
    "upperAscii": [.member([.string], .string) { .string(ascii($0[0].text, 97...122, adding: -32)) }],
    "replace": [
      .member([.string, .string, .string], .string) { arguments throws(EvaluationError) in
        .string(try replace(arguments[1].text, by: arguments[2].text, in: arguments[0].text, limit: -1))
      },
      .member([.string, .string, .string, .int], .string) { arguments throws(EvaluationError) in
        .string(
          try replace(arguments[1].text, by: arguments[2].text, in: arguments[0].text, limit: arguments[3].whole))
      },
    ],
    "split": [
      .member([.string, .string], .list(.string)) { .list(split($0[0].text, $0[1].text, limit: -1)) },
      .member([.string, .string, .int], .list(.string)) { .list(split($0[0].text, $0[1].text, limit: $0[2].whole)) },
    ],
    "substring": [
      .member([.string, .int], .string) { arguments throws(EvaluationError) in
        try substring(arguments[0].text, arguments[1].whole, nil)
      },
      .member([.string, .int, .int], .string) { arguments throws(EvaluationError) in
        try substring(arguments[0].text, arguments[1].whole, arguments[2].whole)
      },
    ],
    "trim": [.member([.string], .string) { .string(trimmed($0[0].text)) }],
    "reverse": [
      .member([.string], .string) { arguments in
        var result = String.UnicodeScalarView()
        result.append(contentsOf: arguments[0].text.unicodeScalars.reversed())
        return .string(String(result))
      }
    ],
    "join": [
      .member([.list(.string)], .string) { arguments throws(EvaluationError) in
        .string(try joined(arguments[0].elements.map(\.text), by: ""))
      },
      .member([.list(.string), .string], .string) { arguments throws(EvaluationError) in
        .string(try joined(arguments[0].elements.map(\.text), by: arguments[1].text))
      },
    ],
    "strings.quote": [.plain([.string], .string) { .string(JSON.string($0[0].text).text) }],
    "format": [
      .member([.string, .list(.dynamic)], .string) { arguments throws(EvaluationError) in
        .string(try formatted(arguments[0].text, arguments[1].elements))
      }
    ],
  ]

  private static func pattern(_ value: Value) throws(EvaluationError) -> TextPattern {
    let pattern = TextPattern(value.text)
    guard pattern.isValid else { throw EvaluationError("error parsing regexp: invalid syntax: `\(value.text)`") }
    return pattern
  }

  private static func position(of part: String, in text: String, from start: Int64) -> Int64 {
    let (part, text) = (Array(part.unicodeScalars), Array(text.unicodeScalars))
    var index = Int(max(0, min(start, Int64(text.count))))
    while index + part.count <= text.count {
      if text[index..<index + part.count].elementsEqual(part) { return Int64(index) }
      index += 1
    }
    return -1
  }

  private static func lastPosition(of part: String, in text: String) -> Int64 {
    let (part, text) = (Array(part.unicodeScalars), Array(text.unicodeScalars))
    var index = text.count - part.count
    while index >= 0 {
      if text[index..<index + part.count].elementsEqual(part) { return Int64(index) }
      index -= 1
    }
    return -1
  }

  private static func ascii(_ text: String, _ range: ClosedRange<UInt8>, adding change: Int) -> String {
    String(decoding: text.utf8.map { range.contains($0) ? UInt8(Int($0) + change) : $0 }, as: UTF8.self)
  }

  private static func replace(
    _ part: String, by other: String, in text: String, limit: Int64
  ) throws(EvaluationError) -> String {
    let pieces = split(text, part, limit: limit < 0 ? -1 : limit == .max ? limit : limit + 1)
    return try joined(pieces.map(\.text), by: other)
  }

  /// In bytes; what is longer was made to hurt.
  private static let longestText = 10 << 20

  private static func joined(_ pieces: [String], by separator: String) throws(EvaluationError) -> String {
    let own = pieces.reduce(0) { $0 + $1.utf8.count }
    let (between, overflows) = separator.utf8.count.multipliedReportingOverflow(by: max(0, pieces.count - 1))
    guard !overflows, own + between <= longestText else { throw EvaluationError("the text is too long") }
    return pieces.joined(separator: separator)
  }

  private static func split(_ text: String, _ separator: String, limit: Int64) -> [Value] {
    if limit == 0 { return [] }
    let most = limit < 0 ? Int.max : Int(limit) - 1
    if separator.isEmpty {
      let scalars = text.unicodeScalars.map { String($0) }
      guard scalars.count > most else { return scalars.map(Value.string) }
      return scalars.prefix(most).map(Value.string) + [.string(scalars.dropFirst(most).joined())]
    }
    return text.split(separator: separator, maxSplits: most, omittingEmptySubsequences: false)
      .map { .string(String($0)) }
  }

  private static func substring(_ text: String, _ start: Int64, _ end: Int64?) throws(EvaluationError) -> Value {
    let scalars = Array(text.unicodeScalars)
    let end = end ?? Int64(scalars.count)
    guard start >= 0, start <= end, end <= scalars.count else {
      throw EvaluationError("index out of range: \(start < 0 || start > scalars.count ? start : end)")
    }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars[Int(start)..<Int(end)])
    return .string(String(result))
  }

  private static func trimmed(_ text: String) -> String {
    var scalars = text.unicodeScalars[...]
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars)
  }

  /// `%s`, `%d`, `%f`, `%e`, `%b`, `%o`, `%x`, `%X` and `%%`, as the strings extension has them.
  private static func formatted(_ format: String, _ arguments: [Value]) throws(EvaluationError) -> String {
    var result = ""
    var rest = format[...]
    var remaining = arguments[...]
    while let percent = rest.firstIndex(of: "%") {
      result += rest[..<percent]
      rest = rest[rest.index(after: percent)...]
      var precision = 6
      if rest.hasPrefix(".") {
        let digits = rest.dropFirst().prefix { $0.isNumber }
        precision = min(Int(digits) ?? 6, 100)
        rest = rest.dropFirst(1 + digits.count)
      }
      guard let verb = rest.popFirst() else {
        throw EvaluationError("could not parse formatting clause: unexpected end of string")
      }
      if verb == "%" {
        result += "%"
        continue
      }
      guard let value = remaining.popFirst() else {
        throw EvaluationError("could not parse formatting clause: index \(arguments.count) out of range")
      }
      result += try shown(value, verb, precision)
    }
    return result + rest
  }

  private static func shown(_ value: Value, _ verb: Character, _ precision: Int) throws(EvaluationError) -> String {
    switch (verb, value) {
    case ("s", .list), ("s", .map), ("s", .object): return value.json?.text ?? ""
    case ("s", .null): return "null"
    case ("s", _), ("d", .int), ("d", .uint): return value.text
    case ("f", .double(let number)): return fixed(number, precision)
    case ("f", .int(let number)): return fixed(Double(number), precision)
    case ("b", .int(let number)): return String(number, radix: 2)
    case ("b", .bool(let flag)): return flag ? "1" : "0"
    case ("o", .int(let number)): return String(number, radix: 8)
    case ("x", .int(let number)): return String(number, radix: 16)
    case ("X", .int(let number)): return String(number, radix: 16, uppercase: true)
    case ("x", .string(let text)): return text.utf8.map { hexadecimal($0) }.joined()
    default: throw EvaluationError("error during formatting: no matching overload for %\(verb)")
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

  /// A number with so many digits behind the point.
  private static func fixed(_ number: Double, _ digits: Int) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "\(number)" }
    let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
    let whole = (abs(number) * scale).rounded()
    guard digits > 0, whole < 9e18 else { return "\(Int64(number.rounded()))" }
    let text = String(Int64(whole))
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    return (number < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
  }
}

extension Value {
  fileprivate func holds(_ part: String) -> Bool { part.isEmpty || text.contains(part) }
}
