import JSONCore
import Objects

extension Value {
  /// Numbers are equal when they are the same number, whatever their types; values of different kinds are not.
  public func equals(_ other: Value) -> Bool {
    switch (self, other) {
    case (.null, .null): return true
    case (.bool(let left), .bool(let right)): return left == right
    case (.string(let left), .string(let right)): return left == right
    case (.bytes(let left), .bytes(let right)): return left == right
    case (.duration(let left), .duration(let right)): return left == right
    case (.timestamp(let left), .timestamp(let right)): return left == right
    case (.type(let left), .type(let right)): return left == right
    case (.list(let left), .list(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.equals($1) }
    case (.map, _) where other.isMap, (.object, _) where other.isMap, (.domains, _) where other.isMap:
      return hasSameEntries(as: other)
    case (.optional(let left), .optional(let right)):
      guard let left, let right else { return left == nil && right == nil }
      return left.equals(right)
    case (.quantity(let left), .quantity(let right)): return left == right
    case (.url(let left), .url(let right)): return left.text == right.text
    case (.address(let left), .address(let right)): return left == right
    case (.range(let left), .range(let right)): return left == right
    case (.version(let left), .version(let right)): return left.compare(right) == 0
    default: return compare(other) == 0
    }
  }

  /// Whether it has entries.
  var isMap: Bool {
    switch self {
    case .map, .domains, .object: true
    default: false
    }
  }

  private func hasSameEntries(as other: Value) -> Bool {
    let (left, right) = (entries, other.entries)
    return left.count == right.count
      && left.allSatisfy { entry in right.contains { $0.key.equals(entry.key) && $0.value.equals(entry.value) } }
  }

  /// Negative, zero or positive; nil for values that have no order between them.
  func compare(_ other: Value) -> Int? {
    func order<T: Comparable>(_ left: T, _ right: T) -> Int { left < right ? -1 : left == right ? 0 : 1 }
    switch (self, other) {
    case (.int(let left), .int(let right)): return order(left, right)
    case (.uint(let left), .uint(let right)): return order(left, right)
    case (.int(let left), .uint(let right)): return left < 0 ? -1 : order(UInt64(left), right)
    case (.uint(let left), .int(let right)): return right < 0 ? 1 : order(left, UInt64(right))
    case (.double(let left), .double(let right)): return left.isNaN || right.isNaN ? nil : order(left, right)
    case (.double(let left), .int(let right)): return left.isNaN ? nil : order(left, Double(right))
    case (.int(let left), .double(let right)): return right.isNaN ? nil : order(Double(left), right)
    case (.double(let left), .uint(let right)): return left.isNaN ? nil : order(left, Double(right))
    case (.uint(let left), .double(let right)): return right.isNaN ? nil : order(Double(left), right)
    case (.string(let left), .string(let right)): return Self.order(Array(left.utf8), Array(right.utf8))
    case (.bytes(let left), .bytes(let right)): return Self.order(left, right)
    case (.bool(let left), .bool(let right)): return order(left ? 1 : 0, right ? 1 : 0)
    case (.duration(let left), .duration(let right)): return order(left, right)
    case (.timestamp(let left), .timestamp(let right)): return order(left, right)
    default: return nil
    }
  }

  private static func order(_ left: [UInt8], _ right: [UInt8]) -> Int {
    left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
  }

  /// The entries of a map or an object, in an order of its own.
  var entries: [(key: Value, value: Value)] {
    switch self {
    case .map(let entries): entries
    case .domains(let domains): domains.sorted { $0.key < $1.key }.map { (.string($0.key), Self.map($0.value)) }
    case .object(let members, let type): Self.entries(members, type)
    default: []
    }
  }

  private static func map(_ values: [String: Value]) -> Value {
    .map(values.sorted { $0.key < $1.key }.map { (.string($0.key), $0.value) })
  }

  private static func entries(_ members: Members, _ type: ValueType) -> [(key: Value, value: Value)] {
    guard case .object(let object) = type else {
      return members.map { (.string($0.key), Value($0.value, type.member($0.key)?.type ?? .dynamic)) }
    }
    return object.fields.sorted { $0.key < $1.key }.compactMap { name, field in
      members[field.key].map { (.string(name), Value($0, field.type)) }
    }
  }

  /// The value at a key or in a field; nil where there is none.
  func member(_ key: Value) -> Value? {
    switch self {
    case .map(let entries): return entries.first { $0.key.equals(key) }?.value
    case .domains(let domains):
      guard case .string(let name) = key else { return nil }
      return Self.map(domains[name] ?? [:])
    case .object(let members, let type):
      guard case .string(let name) = key, let field = type.member(name), let value = members[field.key] else {
        return nil
      }
      return Value(value, field.type)
    case .access(let check):
      if case .string("requestResource") = key, check.stage == .authorizer { return .access(check.requestResource) }
      return nil
    default: return nil
    }
  }

  /// Whether a map has an entry of its own at a key.
  func lists(_ key: Value) -> Bool {
    if case .domains(let domains) = self, case .string(let name) = key { return domains[name] != nil }
    return member(key) != nil
  }
}
