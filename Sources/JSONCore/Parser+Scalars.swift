extension Parser {
  mutating func number() throws(JSONError) -> JSON {
    let first = index
    let negative = take(UInt8(ascii: "-"))
    var magnitude: UInt64 = 0
    var fits = true
    let digits = index
    while index < count, case 48...57 = start[index] {
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(start[index] - 48))
      fits = fits && !overflow && !carry
      magnitude = sum
      index += 1
    }
    guard index > digits, index == digits + 1 || start[digits] != 48 else { throw unexpected("in numeric literal") }
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
    let text = text(from: first)
    guard let value = Double(text), value.isFinite else {
      throw failure("cannot unmarshal number \(text) into Go value of type float64")
    }
    return .double(value)
  }

  private mutating func skipDigits() throws(JSONError) {
    let first = index
    while index < count, case 48...57 = start[index] { index += 1 }
    if index == first { throw unexpected("in numeric literal") }
  }

  mutating func word(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    for offset in 0..<text.utf8CodeUnitCount {
      guard index < count, start[index] == text.utf8Start[offset] else { throw unexpected("in literal \(text)") }
      index += 1
    }
    return value
  }

  func text(from first: Int) -> String {
    String(decoding: UnsafeBufferPointer(start: start + first, count: index - first), as: UTF8.self)
  }
}
