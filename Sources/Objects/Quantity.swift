import JSONCore

/// An amount of a resource: `1500m`, `1Gi`, `1e3`. Exact, in billionths, up to 1.7e29 units either way.
///
/// Two quantities are equal when their amounts are, however they are written.
public struct Quantity: Sendable {
  /// How the amount is written; sums keep the way of their first term.
  public enum Format: Sendable {
    /// `12`, `1500m`, `3k`
    case decimalSI
    /// `1Ki`, `2Gi`
    case binarySI
    /// `1e3`
    case decimalExponent
  }

  /// The amount in billionths.
  public let nanos: Int128
  public let format: Format

  public static let zero = Quantity(nanos: 0, format: .decimalSI)

  public init(nanos: Int128, format: Format = .decimalSI) {
    self.nanos = nanos
    self.format = format
  }

  public init(_ value: Int64, format: Format = .decimalSI) {
    self.init(nanos: Int128(value) * Self.nanosPerUnit, format: format)
  }

  public init(milli: Int64) { self.init(nanos: Int128(milli) * (Self.nanosPerUnit / 1000)) }

  /// Reads a field of type quantity, a string or a number; nil when it is neither or does not parse.
  public init?(_ json: JSON?) {
    let text: String
    switch json {
    case .string(let string): text = string
    case .int, .double: text = json?.text ?? ""
    default: return nil
    }
    do throws(QuantityError) { try self.init(parsing: text) } catch { return nil }
  }

  static let nanosPerUnit: Int128 = 1_000_000_000
}

extension Quantity {
  public var isZero: Bool { nanos == 0 }

  /// The amount in whole units, rounded away from zero and cut to the range of the type.
  public var value: Int64 { rounded(per: Self.nanosPerUnit) }

  /// The amount in thousandths, rounded and cut as `value`.
  public var milliValue: Int64 { rounded(per: Self.nanosPerUnit / 1000) }

  /// The amount to the precision of a double.
  public var double: Double { Double(nanos) / 1e9 }

  private func rounded(per unit: Int128) -> Int64 {
    let (quotient, rest) = nanos.quotientAndRemainder(dividingBy: unit)
    return Int64(clamping: rest == 0 ? quotient : quotient + rest.signum())
  }

  /// The sum; it stays at the ends of the range rather than overflow. Zero takes on the format of what is added.
  public static func + (left: Quantity, right: Quantity) -> Quantity {
    let (sum, overflow) = left.nanos.addingReportingOverflow(right.nanos)
    return Quantity(
      nanos: overflow ? (right.nanos > 0 ? .max : .min) : sum, format: left.isZero ? right.format : left.format)
  }

  public static func - (left: Quantity, right: Quantity) -> Quantity { left + -right }

  public static prefix func - (quantity: Quantity) -> Quantity {
    Quantity(nanos: quantity.nanos == .min ? .max : -quantity.nanos, format: quantity.format)
  }

  public static func += (left: inout Quantity, right: Quantity) { left = left + right }

  public static func -= (left: inout Quantity, right: Quantity) { left = left - right }
}

extension Quantity: Hashable, Comparable {
  public static func == (left: Quantity, right: Quantity) -> Bool { left.nanos == right.nanos }

  public static func < (left: Quantity, right: Quantity) -> Bool { left.nanos < right.nanos }

  public func hash(into hasher: inout Hasher) { hasher.combine(nanos) }
}

extension Quantity: CustomStringConvertible {
  /// The canonical text: no fraction, the largest suffix that needs none, so `1500m`, `1Gi`, `2e3`.
  public var description: String {
    if isZero { return "0" }
    let (units, rest) = nanos.quotientAndRemainder(dividingBy: Self.nanosPerUnit)
    // Small and fractional amounts would be odd in powers of two.
    if format == .binarySI, rest == 0, units.magnitude >= 1024 { return Self.binaryText(units) }
    return decimalText
  }

  private static func binaryText(_ units: Int128) -> String {
    var number = units
    var power = 0
    while power < binarySuffixes.count - 1, number % 1024 == 0 {
      number /= 1024
      power += 1
    }
    return "\(number)\(binarySuffixes[power])"
  }

  private var decimalText: String {
    var number = nanos
    var exponent = -9
    // Past the last suffix (exa) the number itself grows.
    while number % 1000 == 0, format == .decimalExponent || exponent < 18 {
      number /= 1000
      exponent += 3
    }
    if exponent == 0 { return "\(number)" }
    return format == .decimalExponent ? "\(number)e\(exponent)" : "\(number)\(Self.decimalSuffixes[exponent / 3 + 3])"
  }

  private static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
  private static let decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
}
