import JSONCore
import Values

extension Transcoder {
  /// Appends a field with the value that comes next.
  mutating func value(_ form: WireForm, _ number: Int) {
    switch (form.shape, text.byte) {
    case (.string, UInt8(ascii: "\"")): string(number)
    case (.object, UInt8(ascii: "{")): object(form.object, number)
    case (.list, UInt8(ascii: "[")): list(form.element) { $0.nested($1, number) }
    case (.map, UInt8(ascii: "{")): map(form.element, number)
    case (.bool, UInt8(ascii: "t")), (.bool, UInt8(ascii: "f")): bool(number)
    case (.integer, _): if let value = text.integer() { out.varint(number, value) } else { text.value() }
    case (.double, _): double(number)
    case (.time, UInt8(ascii: "\"")): time(number)
    case (.quantity, UInt8(ascii: "\"")):
      let start = out.open(number)
      string(1)
      out.close(start)
    case (.bytes, UInt8(ascii: "\"")): bytes(number)
    case (.intOrString, _): intOrString(number)
    case (.text, _):
      let start = out.open(number)
      out.data(1, text.value())
      out.close(start)
    case (.schemaOrList, _), (.schemaOrBool, _): alternative(form, number)
    default: text.value()
    }
  }

  /// An element or a map's value: null is written as an empty message or string, and a list gets a message of its own.
  private mutating func nested(_ form: WireForm, _ number: Int) {
    switch (form.shape, text.byte) {
    case (_, UInt8(ascii: "n")):
      text.value()
      out.head(number, length: 0)
    case (.list, UInt8(ascii: "[")):
      let start = out.open(number)
      list(form.element) { $0.value($1, 1) }
      out.close(start)
    default: value(form, number)
    }
  }

  private mutating func object(_ schema: Unmanaged<ObjectSchema>?, _ number: Int) {
    guard let schema else {
      text.value()
      return
    }
    let start = out.open(number)
    schema._withUnsafeGuaranteedRef { message($0) }
    out.close(start)
  }

  @inline(__always)
  private mutating func list(
    _ form: UnsafeMutablePointer<WireForm>?, _ element: (inout Transcoder, WireForm) -> Void
  ) {
    text.advance()
    if let form, text.byte != UInt8(ascii: "]") {
      repeat { element(&self, form.pointee) } while text.take(UInt8(ascii: ","))
    }
    _ = text.take(UInt8(ascii: "]"))
  }

  private mutating func map(_ form: UnsafeMutablePointer<WireForm>?, _ number: Int) {
    text.advance()
    while let form, text.byte == UInt8(ascii: "\"") {
      let start = out.open(number)
      string(1)
      _ = text.take(UInt8(ascii: ":"))
      nested(form.pointee, 2)
      out.close(start)
      guard text.take(UInt8(ascii: ",")) else { break }
    }
    _ = text.take(UInt8(ascii: "}"))
  }

  /// The two forms of `items`, `additionalProperties` and `dependencies` have a field each; a boolean stands in field 1.
  private mutating func alternative(_ form: WireForm, _ number: Int) {
    let start = out.open(number)
    let isBool = form.shape == .schemaOrBool
    switch text.byte {
    case UInt8(ascii: "t"), UInt8(ascii: "f"): bool(1)
    case UInt8(ascii: "{"):
      if isBool { out.varint(1, 1) }
      object(form.object, isBool ? 2 : 1)
    case UInt8(ascii: "["): list(form.element) { $0.value($1, 2) }
    default: text.value()
    }
    out.close(start)
  }

  private mutating func bool(_ number: Int) {
    out.varint(number, text.byte == UInt8(ascii: "t") ? 1 : 0)
    text.value()
  }

  private mutating func double(_ number: Int) {
    if let whole = text.integer() { return out.double(number, Double(whole)) }
    if let value = Double(String(decoding: text.value(), as: UTF8.self)) { out.double(number, value) }
  }

  private mutating func intOrString(_ number: Int) {
    let start = out.open(number)
    if text.byte == UInt8(ascii: "\"") {
      out.varint(1, 1)
      out.varint(2, 0)
      string(3)
    } else {
      let value = text.integer()
      if value == nil { text.value() }
      out.varint(1, 0)
      out.varint(2, value ?? 0)
      out.head(3, length: 0)
    }
    out.close(start)
  }
}

// MARK: - strings

extension Transcoder {
  private mutating func string(_ number: Int) {
    var isPlain = true
    let content = text.string(isPlain: &isPlain)
    if isPlain { return out.data(number, content) }
    let start = out.open(number)
    unescape(content)
    out.close(start)
  }

  /// A time in seconds and the nanoseconds beyond them.
  private mutating func time(_ number: Int) {
    var isPlain = true
    guard let instant = Instant(rfc3339: text.string(isPlain: &isPlain)) else { return }
    let start = out.open(number)
    out.varint(1, instant.seconds)
    out.varint(2, instant.nanoseconds - instant.seconds * 1_000_000_000)
    out.close(start)
  }

  /// Base64 may hold line ends, which are escapes in JSON.
  private mutating func bytes(_ number: Int) {
    var start = text
    var isPlain = true
    let content = text.string(isPlain: &isPlain)
    let decoded = isPlain ? Base64.decode(content) : Base64.decode(RawJSON(start.value()).string)
    (decoded ?? []).withUnsafeBufferPointer { out.data(number, $0) }
  }

  /// Appends the content of a string with what its escapes stand for.
  private mutating func unescape(_ text: UnsafeBufferPointer<UInt8>) {
    var rest = text[...]
    while let escape = rest.firstIndex(of: UInt8(ascii: "\\")) {
      out.raw(UnsafeBufferPointer(rebasing: rest[..<escape]))
      rest = rest[(escape + 1)...]
      guard let letter = rest.popFirst() else { return }
      switch letter {
      case UInt8(ascii: "b"): out.raw(8)
      case UInt8(ascii: "f"): out.raw(12)
      case UInt8(ascii: "n"): out.raw(10)
      case UInt8(ascii: "r"): out.raw(13)
      case UInt8(ascii: "t"): out.raw(9)
      case UInt8(ascii: "u"):
        // Only control characters are written so; all others are stored as they are.
        let code = UInt32(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16)
        let scalar = code.flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
        rest = rest.dropFirst(4)
        for byte in String(scalar).utf8 { out.raw(byte) }
      default: out.raw(letter)
      }
    }
    out.raw(UnsafeBufferPointer(rebasing: rest))
  }
}
