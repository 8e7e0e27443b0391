import JSONCore
import Objects
import Values

extension JSON {
  /// The one form in which a value is stored that may be written in several: times, quantities, ports, bytes. Nil when it
  /// has that form.
  func normalized(as type: FieldType) throws(DecodeError) -> JSON? {
    if case .time = type, case .string(let text) = self, Self.isCanonicalTime(text) { return nil }
    let result = try canonical(as: type)
    return result == self ? nil : result
  }

  private func canonical(as type: FieldType) throws(DecodeError) -> JSON {
    switch type {
    case .quantity: try quantity()
    case .intOrString: try intOrString()
    case .time: try instant { $0.rfc3339 }
    case .microTime: try instant { $0.rfc3339Micro }
    case .bytes: try base64()
    default: self
    }
  }

  private func quantity() throws(DecodeError) -> JSON {
    guard let quantity = Quantity(self) else { throw DecodeError(Self.quantityRule) }
    return .string(quantity.description)
  }

  private static let quantityRule =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

  private func intOrString() throws(DecodeError) -> JSON {
    switch self {
    case .string: return self
    case .int(let number) where Int32(exactly: number) != nil: return self
    default: throw DecodeError("json: cannot unmarshal \(goKind(withNumber: true)) into Go value of type int32")
    }
  }

  private func instant(_ write: (Instant) -> String) throws(DecodeError) -> JSON {
    guard case .string(let text) = self else {
      throw DecodeError("json: cannot unmarshal \(goKind()) into Go value of type string")
    }
    guard let instant = Instant(rfc3339: text) else {
      let layout = "2006-01-02T15:04:05Z07:00"
      throw DecodeError("parsing time \"\(text)\" as \"\(layout)\": cannot parse \"\(text)\" as \"2006\"")
    }
    return .string(write(instant))
  }

  /// Whether a text is a time to the second in UTC. Most are, and years may go beyond what an instant can hold.
  private static func isCanonicalTime(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      guard bytes.count == 20, bytes[19] == UInt8(ascii: "Z"), bytes[10] == UInt8(ascii: "T") else { return false }
      func number(_ range: Range<Int>) -> Int64? {
        var value: Int64 = 0
        for index in range {
          guard (48...57).contains(bytes[index]) else { return nil }
          value = value * 10 + Int64(bytes[index] - 48)
        }
        return value
      }
      guard bytes[4] == 45, bytes[7] == 45, bytes[13] == 58, bytes[16] == 58, let year = number(0..<4),
        let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16),
        let second = number(17..<19)
      else { return false }
      return (1...12).contains(month) && (1...28).contains(day) && hour < 24 && minute < 60 && second < 60 && year > 1
    }
  }

  private func base64() throws(DecodeError) -> JSON {
    guard case .string(let text) = self else {
      throw DecodeError("json: cannot unmarshal \(goKind()) into Go value of type []uint8")
    }
    if let wrong = Base64.firstInvalidByte(text) { throw DecodeError("illegal base64 data at input byte \(wrong)") }
    let hasLines = text.utf8.contains { $0 == 10 || $0 == 13 }
    return hasLines ? .string(text.filter { !$0.isNewline }) : self
  }
}
