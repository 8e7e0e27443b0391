import Values

/// The one JSON value. Objects keep their members sorted by key, so equal values have equal bytes.
public enum JSON: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  case array([JSON])
  case object(Members)
  /// A member that nobody has looked into yet. Whoever asks an object for its members gets them decoded, so outside this
  /// module only those meet it who ask for it (`Members.unread`).
  case encoded(EncodedJSON)

  /// An empty object.
  public static let emptyObject = JSON.object(Members())
}

extension JSON {
  public var isNull: Bool { if case .null = self { true } else { false } }

  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The number as an integer; nil when it has a fraction or does not fit.
  public var int: Int? {
    switch self {
    case .int(let value): Int(value)
    case .double(let value): Int(exactly: value)
    default: nil
    }
  }

  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  public var string: String? { if case .string(let value) = self { value } else { nil } }

  public var array: [JSON]? {
    switch self {
    case .array(let elements): elements
    case .encoded(let text): text.value.array
    default: nil
    }
  }

  public var object: Members? {
    switch self {
    case .object(let members): members
    case .encoded(let text): text.value.object
    default: nil
    }
  }

  /// The string at a key, or "" (which Kubernetes treats as left out).
  public func text(_ key: String) -> String { self[key]?.string ?? "" }

  /// The elements of the array at a key, or none.
  public func list(_ key: String) -> [JSON] { self[key]?.array ?? [] }

  /// The members of the object at a key whose values are strings: labels, annotations, node selectors.
  public func strings(_ key: String) -> [String: String] {
    guard let members = self[key]?.object else { return [:] }
    var result = [String: String](minimumCapacity: members.count)
    for (key, value) in members { if let text = value.string { result[key] = text } }
    return result
  }

  /// The value that the keys lead to; nil when any of them is missing.
  public func at(_ keys: String...) -> JSON? {
    var value = self
    for key in keys {
      guard let next = value[key] else { return nil }
      value = next
    }
    return value
  }

  /// The member of an object. Setting a member makes an object of anything that is not one; setting nil removes it.
  public subscript(key: String) -> JSON? {
    get {
      switch self {
      case .object(let members): members[key]
      case .encoded(let text): text.value[key]
      default: nil
      }
    }
    _modify {
      var members = takeMembers()
      self = .null
      defer { self = .object(members) }
      yield &members[key]
    }
  }

  /// The member of an object, or `fallback` where it is missing; writing through it stores the member.
  public subscript(key: String, default fallback: @autoclosure () -> JSON) -> JSON {
    get { self[key] ?? fallback() }
    _modify {
      var members = takeMembers()
      self = .null
      var value = members.removeValue(forKey: key) ?? fallback()
      defer {
        members[key] = value
        self = .object(members)
      }
      yield &value
    }
  }

  /// The element of an array; nil beyond its ends.
  public subscript(index: Int) -> JSON? {
    guard case .array(let elements) = resolved, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  private func takeMembers() -> Members { object ?? Members() }
}

// No ExpressibleByNilLiteral: `absent ? nil : value` would then mean null where `JSON?` is meant.
extension JSON: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Members(elements)) }

  public init(_ value: String) { self = .string(value) }
  public init(_ value: Int) { self = .int(Int64(value)) }
  public init(_ value: Bool) { self = .bool(value) }
  public init(_ elements: [String]) { self = .array(elements.map { .string($0) }) }
  public init(_ members: [String: String]) { self = .object(Members(members.map { ($0.key, .string($0.value)) })) }
}
