/// Why a text is not a quantity, in the words of the stock server.
public enum QuantityError: String, Error, Sendable {
  case format = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  case number = "unable to parse numeric part of quantity"
  case suffix = "unable to parse quantity's suffix"

  public var message: String { rawValue }
}

extension Quantity {
  /// Reads sign, digits with or without a point, and a suffix (`n u m k M G T P E`, `Ki` to `Ei`, or an exponent).
  ///
  /// What is finer than a billionth is rounded away from zero; powers of two are cut to 2^63 - 1.
  /// - Throws: `.number` also for amounts beyond the range of the type.
  public init(parsing text: String) throws(QuantityError) {
    var scanner = Scanner(bytes: Array(text.utf8))
    if scanner.bytes.isEmpty { throw .format }
    let isNegative = scanner.sign()
    let number = try scanner.number()
    guard let scale = Scale(suffix: try scanner.suffix()) else { throw .suffix }
    var format = scale.format
    var magnitude = scale.nanos(of: number)
    if format == .binarySI {
      let limit = UInt128(Int64.max) * UInt128(Self.nanosPerUnit)
      magnitude = min(magnitude ?? limit, limit)
      // Fractions of a unit read better in decimals.
      if let magnitude, magnitude > 0, magnitude < UInt128(Self.nanosPerUnit) { format = .decimalSI }
    }
    guard let magnitude, let nanos = Int128(exactly: magnitude) else { throw .number }
    self.init(nanos: isNegative ? -nanos : nanos, format: format)
  }
}

/// A decimal fraction: `digits` × 10^-`places`, and a little more when digits were dropped.
private struct Number {
  /// As many as can be kept exactly.
  static let maximumDigits = 38

  var digits: UInt128 = 0
  var places = 0
  var isInexact = false
  /// Integer digits beyond what fits.
  var overflows = false
}

private struct Scanner {
  let bytes: [UInt8]
  var index = 0

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  mutating func sign() -> Bool {
    guard next == UInt8(ascii: "-") || next == UInt8(ascii: "+") else { return false }
    defer { index += 1 }
    return next == UInt8(ascii: "-")
  }

  mutating func number() throws(QuantityError) -> Number {
    var number = Number()
    var count = 0
    var isFraction = false
    let start = index
    while let byte = next {
      if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else if (48...57).contains(byte) {
        count += byte == 48 && number.digits == 0 ? 0 : 1
        if count <= Number.maximumDigits && number.places < Number.maximumDigits {
          number.digits = number.digits * 10 + UInt128(byte - 48)
          number.places += isFraction ? 1 : 0
        } else if isFraction {
          number.isInexact = number.isInexact || byte != 48
        } else {
          number.overflows = true
        }
      } else {
        break
      }
      index += 1
    }
    // A point alone is no number.
    if index - start == (isFraction ? 1 : 0) { throw index == bytes.count ? .number : .format }
    return number
  }

  mutating func suffix() throws(QuantityError) -> ArraySlice<UInt8> {
    let start = index
    while let byte = next, Self.letters.contains(byte) { index += 1 }
    if next == UInt8(ascii: "-") || next == UInt8(ascii: "+") { index += 1 }
    while let byte = next, (48...57).contains(byte) { index += 1 }
    if index < bytes.count { throw .format }
    return bytes[start...]
  }

  private static let letters = Set("eEinumkKMGTP".utf8)
}

/// What a suffix multiplies by.
private struct Scale {
  var format: Quantity.Format
  /// Of ten, or of two for `binarySI`.
  var exponent: Int

  init?(suffix: ArraySlice<UInt8>) {
    let text = String(decoding: suffix, as: UTF8.self)
    if let power = Self.decimal[text] {
      (format, exponent) = (.decimalSI, power)
    } else if let power = Self.binary[text] {
      (format, exponent) = (.binarySI, power)
    } else if suffix.first == UInt8(ascii: "e") || suffix.first == UInt8(ascii: "E"),
      let power = Int32(String(decoding: suffix.dropFirst(), as: UTF8.self))
    {
      (format, exponent) = (.decimalExponent, Int(power))
    } else {
      return nil
    }
  }

  /// The amount in billionths, rounded up; nil when it does not fit.
  func nanos(of number: Number) -> UInt128? {
    if number.overflows { return nil }
    if number.digits == 0 { return number.isInexact ? 1 : 0 }
    let isBinary = format == .binarySI
    let (high, low) = number.digits.multipliedFullWidth(by: isBinary ? 1 << UInt128(exponent) : 1)
    let power = 9 - number.places + (isBinary ? 0 : exponent)
    if power >= 0 {
      guard high == 0, let factor = Self.powerOfTen(power) else { return nil }
      let (product, overflow) = low.multipliedReportingOverflow(by: factor)
      return overflow ? nil : product
    }
    guard let divisor = Self.powerOfTen(-power) else { return 1 }
    guard high < divisor else { return nil }
    let (quotient, rest) = divisor.dividingFullWidth((high, low))
    return rest > 0 || number.isInexact ? quotient + 1 : quotient
  }

  private static func powerOfTen(_ exponent: Int) -> UInt128? {
    exponent <= 38 ? (0..<exponent).reduce(1) { power, _ in power * 10 } : nil
  }

  private static let decimal = [
    "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
  ]
  private static let binary = ["Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60]
}
