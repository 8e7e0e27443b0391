import JSONCore
import Objects
import Values

/// A value of the Common Expression Language.
public indirect enum Value: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  case string(String)
  case bytes([UInt8])
  case duration(Duration)
  case timestamp(Instant)
  case list([Value])
  /// In the order in which the entries were written.
  case map([(key: Value, value: Value)])
  /// Maps by a name before the slash of theirs; one of which nothing is known is empty.
  case domains([String: [String: Value]])
  /// An object of JSON, whose members become values when somebody asks for them.
  case object(Members, ValueType)
  case type(String)
  case optional(Value?)
  case quantity(Quantity)
  case url(WebAddress)
  case address(IPAddress)
  case range(CIDR)
  case version(SemanticVersion)
  /// What texts of a format look like, as a regular expression.
  case format(String)
  case access(AccessCheck)
  case decision(AccessDecision)
}

extension Value {
  /// - Parameter type: what the value is known to be; decides what texts stand for.
  public init(_ json: JSON, _ type: ValueType = .dynamic) {
    switch json {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .int(let number): if case .double = type { self = .double(Double(number)) } else { self = .int(number) }
    case .double(let number): self = Self.number(number, type)
    case .string(let text): self = Self.text(text, type)
    case .array(let elements):
      let element = type.element
      self = .list(elements.map { Value($0, element) })
    case .object(let members): self = .object(members, type)
    case .encoded(let text): self = Value(text.value, type)
    }
  }

  private static func number(_ number: Double, _ type: ValueType) -> Value {
    if case .int = type, let whole = Int64(exactly: number) { return .int(whole) }
    return .double(number)
  }

  private static func text(_ text: String, _ type: ValueType) -> Value {
    switch type {
    case .timestamp: Instant(rfc3339: text).map(Value.timestamp) ?? .string(text)
    case .duration: Duration(go: text).map(Value.duration) ?? .string(text)
    case .bytes: Base64.decode(text).map(Value.bytes) ?? .string(text)
    default: .string(text)
    }
  }

  /// The value as JSON; nil for what JSON cannot hold.
  public var json: JSON? {
    switch self {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .int(let number): .int(number)
    case .uint(let number): Int64(exactly: number).map(JSON.int) ?? .double(Double(number))
    case .double(let number): .double(number)
    case .string(let text): .string(text)
    case .bytes(let bytes): .string(Base64.encode(bytes))
    case .duration(let duration): .string(duration.goText)
    case .timestamp(let time): .string(time.rfc3339)
    case .list(let elements): .array(elements.compactMap(\.json))
    case .map(let entries):
      .object(Members(entries.compactMap { entry in entry.value.json.map { (entry.key.text, $0) } }))
    case .domains: .object(Members(entries.map { ($0.key.text, $0.value.json ?? .null) }))
    case .object(let members, _): .object(members)
    case .optional(let value): value?.json ?? .null
    case .quantity(let quantity): .string(quantity.description)
    case .type, .url, .address, .range, .version, .format, .access, .decision: nil
    }
  }

  /// The type, as far as the value itself tells.
  var type: ValueType {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .string: .string
    case .bytes: .bytes
    case .duration: .duration
    case .timestamp: .timestamp
    case .list: .list(.dynamic)
    case .map, .domains, .object: .map(.dynamic, .dynamic)
    case .type: .type
    case .optional: .optional(.dynamic)
    case .quantity: .named("Quantity")
    case .url: .named("URL")
    case .address: .named("IP")
    case .range: .named("CIDR")
    case .version: .named("Semver")
    case .format: .named("Format")
    case .access(let check): check.type
    case .decision: .decision
    }
  }

  /// What `type(x)` is called.
  var typeName: String {
    switch self {
    case .list: "list"
    case .map, .domains, .object: "map"
    case .null: "null_type"
    case .optional: "optional_type"
    case .address: "net.IP"
    case .range: "net.CIDR"
    default: type.name
    }
  }

  /// Plain text for keys and for `string(x)`.
  var text: String {
    switch self {
    case .string(let text): text
    case .bool(let flag): flag ? "true" : "false"
    case .int(let number): String(number)
    case .uint(let number): String(number)
    case .double(let number): JSON.double(number).text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .duration(let duration): duration.goText
    case .timestamp(let time): time.rfc3339
    case .url(let url): url.text
    case .address(let address): address.description
    case .range(let range): range.description
    case .quantity(let quantity): quantity.description
    case .type(let name): name
    default: json?.text ?? ""
    }
  }
}

extension ValueType {
  var element: ValueType { if case .list(let element) = self { element } else { .dynamic } }

  /// The type of an entry or field; nil for a field that an object does not have.
  func member(_ name: String) -> (key: String, type: ValueType)? {
    switch self {
    case .map(_, let value): (name, value)
    case .object(let object): object.fields[name].map { ($0.key, $0.type) }
    default: (name, .dynamic)
    }
  }
}

extension Duration {
  /// Go's way: `1h30m`, `1.5s`, `-200ms`; nil for any other text.
  init?(go text: String) {
    var rest = text[...]
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
    if rest == "0" {
      self = .zero
      return
    }
    guard !rest.isEmpty else { return nil }
    var total = 0.0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isNumber || $0 == "." }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let value = Double(number), let length = Self.units[String(unit)] else { return nil }
      total += value * length
    }
    guard total < 9.2e18 else { return nil }
    self = .nanoseconds(Int64(isNegative ? -total : total))
  }

  private static let units: [String: Double] = [
    "ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
  ]

  /// As `string(duration)` writes it: `5400s`, `1.5s`.
  var goText: String {
    let seconds = inSeconds
    return Int64(exactly: seconds).map { "\($0)s" } ?? "\(seconds)s"
  }
}
