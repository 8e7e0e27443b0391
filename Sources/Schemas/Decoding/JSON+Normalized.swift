import JSONCore
import Objects
import Values

extension JSON {
  /// The one form in which a value is stored that may be written in several: times, quantities, ports, bytes. Nil when it
  /// has that form.
  func normalized(as type: FieldType) throws(DecodeError) -> JSON? {
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

  private func base64() throws(DecodeError) -> JSON {
    guard case .string(let text) = self else {
      throw DecodeError("json: cannot unmarshal \(goKind()) into Go value of type []uint8")
    }
    if let wrong = Base64.firstInvalidByte(text) { throw DecodeError("illegal base64 data at input byte \(wrong)") }
    let hasLines = text.utf8.contains { $0 == 10 || $0 == 13 }
    return hasLines ? .string(text.filter { !$0.isNewline }) : self
  }
}
