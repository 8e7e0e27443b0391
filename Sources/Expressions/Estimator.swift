/// Reckons beforehand what an expression may cost, from what is known of the sizes of its variables (cel-go's cost
/// estimation, whose numbers decide which rules a definition may have).
struct Estimator {
  /// What is known of one part of an expression.
  struct Estimate {
    var type: ValueType
    var cost: Span
    /// nil: nothing is known.
    var size: Span?
    /// Where its value comes from, when that is a place of a variable.
    var place: SizeTree?
    /// Of the elements of a list, or the values of a map, that the expression makes.
    var element: Span?
    /// Of the keys of a map that the expression makes.
    var key: Span?

    var sizeOrUnknown: Span { size ?? .unknown }
  }

  /// Of a name, a field, an entry.
  static let access = Span(1)
  static let listCost = Span(10)
  private static let mapCost = Span(30)
  private static let messageCost = Span(40)

  private let checker = Checker([:])
  private var scope: [(name: String, value: Estimate)]

  init(_ variables: [String: ValueType], _ sizes: [String: SizeTree]) {
    scope = variables.map { name, type in
      (name, Self.located(Estimate(type: type, cost: Self.access), at: sizes[name]))
    }
  }

  /// The size of a place; of a number and its like, where no place says more, one.
  private static func located(_ estimate: Estimate, at place: SizeTree?) -> Estimate {
    var result = estimate
    result.place = place
    result.size = place.map { Span(0, $0.most) } ?? result.size ?? (estimate.type.isScalar ? Span(1) : nil)
    return result
  }

  mutating func estimate(_ expression: Expression) throws(CompileError) -> Estimate {
    switch expression.form {
    case .literal(let value): return Estimate(type: value.type, cost: .zero, size: Self.size(value))
    case .name(let name):
      return scope.last { $0.name == name }?.value ?? Estimate(type: .type, cost: Self.access)
    case .select(let object, let field, let isOptional):
      return try select(try estimate(object), field, isOptional, expression.position)
    case .has(let object, _): return Estimate(type: .bool, cost: try estimate(object).cost, size: Span(1))
    case .index(let container, let key, let isOptional):
      return try index(try estimate(container), try estimate(key), isOptional, expression.position)
    case .call(let name, let arguments): return try call(name, nil, arguments, expression.position)
    case .memberCall(let target, let name, let arguments):
      return try call(name, target, arguments, expression.position)
    case .and(let left, let right), .or(let left, let right):
      let (left, right) = (try estimate(left).cost, try estimate(right).cost)
      // One side can decide alone.
      return Estimate(type: .bool, cost: Span(left.least, (left + right).most), size: Span(1))
    case .choice(let condition, let yes, let no):
      return Self.choice(try estimate(condition), try estimate(yes), try estimate(no))
    case .list(let elements): return try list(elements.map(\.value))
    case .map(let entries): return try map(entries.map(\.key), entries.map(\.value))
    case .message(_, let fields):
      return Estimate(type: .dynamic, cost: try joined(fields.map(\.value)).cost + Self.messageCost)
    case .comprehension(let comprehension): return try self.comprehension(comprehension)
    case .bind(let name, let value, let body):
      let bound = try estimate(value)
      let result = try within([(name, bound)], body)
      return Self.adding(Self.listCost + bound.cost, to: result)
    }
  }

  private static func size(_ value: Value) -> Span? {
    switch value {
    case .string(let text): Span(UInt64(text.unicodeScalars.count))
    case .bytes(let bytes): Span(UInt64(bytes.count))
    default: Span(1)
    }
  }

  static func adding(_ cost: Span, to estimate: Estimate) -> Estimate {
    var result = estimate
    result.cost = cost + result.cost
    return result
  }

  // MARK: - parts of values

  private func select(
    _ object: Estimate, _ field: String, _ isOptional: Bool, _ position: Int
  ) throws(CompileError) -> Estimate {
    let type = try checker.member(object.type, field, position)
    if isOptional { return Estimate(type: .optional(type), cost: object.cost + Self.access) }
    var result = Estimate(type: type, cost: object.cost)
    if object.type.hasMembers { result.cost = result.cost + Self.access }
    return Self.located(result, at: object.place?.fields[field])
  }

  private func index(
    _ container: Estimate, _ key: Estimate, _ isOptional: Bool, _ position: Int
  ) throws(CompileError) -> Estimate {
    let type = try checker.element(container.type, key.type, position)
    let cost = container.cost + key.cost + Self.access
    if isOptional { return Estimate(type: .optional(type), cost: cost) }
    var result = Self.located(Estimate(type: type, cost: cost), at: container.place?.element)
    result.size = container.element ?? result.size
    return result
  }

  static func choice(_ condition: Estimate, _ yes: Estimate, _ no: Estimate) -> Estimate {
    Estimate(
      type: yes.type.joined(no.type), cost: condition.cost + yes.cost.union(no.cost),
      size: yes.sizeOrUnknown.union(no.sizeOrUnknown), element: either(yes.element, no.element),
      key: either(yes.key, no.key))
  }

  static func either(_ left: Span?, _ right: Span?) -> Span? {
    guard let left, let right else { return left ?? right }
    return left.union(right)
  }

  private mutating func list(_ elements: [Expression]) throws(CompileError) -> Estimate {
    let parts = try joined(elements)
    return Estimate(
      type: .list(parts.type), cost: parts.cost + Self.listCost, size: Span(UInt64(elements.count)), element: parts.size
    )
  }

  private mutating func map(_ keys: [Expression], _ values: [Expression]) throws(CompileError) -> Estimate {
    let (keyParts, valueParts) = (try joined(keys), try joined(values))
    return Estimate(
      type: .map(keyParts.type, valueParts.type), cost: keyParts.cost + valueParts.cost + Self.mapCost,
      size: Span(UInt64(keys.count)), element: valueParts.size, key: keyParts.size)
  }

  /// What holds for each of several expressions, and what they cost together.
  private mutating func joined(_ parts: [Expression]) throws(CompileError) -> Estimate {
    var result: Estimate?
    for part in parts {
      let next = try estimate(part)
      result = Estimate(
        type: result?.type.joined(next.type) ?? next.type, cost: (result?.cost ?? .zero) + next.cost,
        size: result?.sizeOrUnknown.union(next.sizeOrUnknown) ?? next.sizeOrUnknown)
    }
    return result ?? Estimate(type: .dynamic, cost: .zero, size: .zero)
  }

  /// - Parameter names: with what they stand for.
  mutating func within(
    _ names: [(name: String, value: Estimate)], _ body: Expression
  ) throws(CompileError) -> Estimate {
    for (name, value) in names {
      var known = value
      known.cost = Self.access
      scope.append((name, known))
    }
    defer { scope.removeLast(names.count) }
    return try estimate(body)
  }

  /// An element, key or position that a macro gives a name.
  static func item(_ type: ValueType, _ size: Span?, at place: SizeTree?) -> Estimate {
    var result = located(Estimate(type: type, cost: access), at: place)
    if result.size == nil { result.size = size }
    return result
  }

  func callType(
    _ name: String, _ types: [ValueType], isMember: Bool, _ position: Int
  ) throws(CompileError) -> ValueType {
    try checker.call(name, types, isMember: isMember, position)
  }
}

extension ValueType {
  /// Whether all values are of one size.
  var isScalar: Bool {
    switch self {
    case .bool, .double, .duration, .int, .timestamp, .uint: true
    case .optional(let inner): inner.isScalar
    default: false
    }
  }

  fileprivate var hasMembers: Bool {
    switch self {
    case .map, .object: true
    default: false
    }
  }
}
