import JSONCore

/// Gives an expression its value, within a budget of steps.
struct Evaluator {
  private var scope: [(name: String, value: Value)]
  /// The steps that are left.
  private(set) var budget: Int
  private(set) var definitions: Definitions
  /// How many names there are outside of macros.
  private let outerCount: Int
  /// How many definitions are being looked at, each for the one before.
  private var depth = 0

  init(_ variables: [String: Value], _ definitions: Definitions = .none, budget: Int) {
    scope = variables.map { ($0.key, $0.value) }
    outerCount = scope.count
    self.definitions = definitions
    self.budget = budget
  }

  /// Does something without the names that macros brought.
  mutating func outside(
    _ work: (inout Evaluator) throws(EvaluationError) -> Value
  ) throws(EvaluationError) -> Value {
    let inner = scope[outerCount...]
    scope.removeLast(inner.count)
    defer { scope += inner }
    return try work(&self)
  }

  /// The value of `variables.name`; nil when the expression is something else.
  private mutating func definition(_ object: Expression, _ name: String) throws(EvaluationError) -> Value? {
    guard case .name(Definitions.variable) = object.form, definitions.has(name) else { return nil }
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw EvaluationError("expression recursion limit exceeded") }
    var known = definitions
    let result = Result { () throws(EvaluationError) in try known.value(name, &self) }
    definitions.join(known)
    return try result.get()
  }

  /// How many definitions may build on each other.
  private static let maximumDepth = 64

  /// When an expression takes more steps than it may.
  static let exhausted = EvaluationError("operation cancelled: actual cost limit exceeded")

  mutating func spend(_ cost: Int = 1) throws(EvaluationError) {
    budget -= cost
    if budget < 0 { throw Self.exhausted }
  }

  mutating func value(_ expression: Expression) throws(EvaluationError) -> Value {
    try spend()
    switch expression.form {
    case .literal(let value): return value
    case .name(let name): return try variable(name)
    case .select(let object, let field, let isOptional):
      if let value = try definition(object, field) { return isOptional ? .optional(value) : value }
      return try member(try value(object), .string(field), isOptional: isOptional)
    case .has(let object, let field):
      if case .name(Definitions.variable) = object.form, definitions.has(field) { return .bool(true) }
      return .bool(try value(object).present.member(.string(field)) != nil)
    case .index(let container, let key, let isOptional):
      return try member(try value(container), try value(key), isOptional: isOptional)
    case .call(let name, let arguments):
      var values: [Value] = []
      for argument in arguments { values.append(try value(argument)) }
      return try call(name, values, isMember: false)
    case .memberCall(let target, let name, let arguments):
      var values = [try value(target)]
      for argument in arguments { values.append(try value(argument)) }
      return try call(name, values, isMember: true)
    case .and(let left, let right): return .bool(try either(left, right, decides: false))
    case .or(let left, let right): return .bool(try either(left, right, decides: true))
    case .choice(let condition, let yes, let no):
      guard case .bool(let flag) = try value(condition) else { throw EvaluationError("no such overload") }
      return try value(flag ? yes : no)
    case .list(let elements): return try list(elements)
    case .map(let entries): return try map(entries)
    case .message(_, let fields): return try message(fields)
    case .comprehension(let comprehension): return try self.comprehension(comprehension)
    case .bind(let name, let bound, let body):
      scope.append((name, try value(bound)))
      defer { scope.removeLast() }
      return try value(body)
    }
  }

  private func variable(_ name: String) throws(EvaluationError) -> Value {
    if let known = scope.last(where: { $0.name == name }) { return known.value }
    if Checker.types.contains(name) { return .type(name) }
    throw EvaluationError("no such attribute(s): \(name)")
  }

  /// `&&` and `||`: one side can decide alone, even where the other has no value.
  private mutating func either(
    _ left: Expression, _ right: Expression, decides: Bool
  ) throws(EvaluationError) -> Bool {
    var failure: EvaluationError?
    for side in [left, right] {
      do throws(EvaluationError) {
        guard case .bool(let flag) = try value(side) else { throw EvaluationError("no such overload") }
        if flag == decides { return decides }
      } catch {
        if budget < 0 { throw error }
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return !decides
  }

  private mutating func member(
    _ container: Value, _ key: Value, isOptional: Bool
  ) throws(EvaluationError) -> Value {
    if case .optional(let inner) = container {
      guard let inner else { return .optional(nil) }
      return try member(inner, key, isOptional: true)
    }
    if case .list(let elements) = container {
      guard let index = key.index else { throw EvaluationError("no such overload") }
      guard index >= 0, index < elements.count else {
        if isOptional { return .optional(nil) }
        throw EvaluationError("index out of bounds: \(index)")
      }
      return isOptional ? .optional(elements[index]) : elements[index]
    }
    let found = container.member(key)
    // Lists of JSON become values here, element by element.
    try spend((found?.size ?? 0) / 10)
    if isOptional { return .optional(found) }
    guard let found else {
      throw EvaluationError(container.isMap ? "no such key: \(key.text)" : "no such overload")
    }
    return found
  }

  private mutating func call(_ name: String, _ values: [Value], isMember: Bool) throws(EvaluationError) -> Value {
    try spend(Self.cost(name, values))
    let types = values.map(\.type)
    guard let function = Functions.all[name]?.first(where: { $0.takes(types, isMember: isMember) }) else {
      throw EvaluationError("no such overload: \(name)")
    }
    let result = try function.body(values)
    try spend(result.size / 10)
    return result
  }

  /// Most functions go through what they are given once; some compare each with each.
  private static func cost(_ name: String, _ values: [Value]) -> Int {
    let linear = values.reduce(0) { $0 + $1.size / 10 }
    guard comparing.contains(name), let first = values.first, let last = values.last else { return linear }
    let (pairs, overflows) = first.count.multipliedReportingOverflow(by: last.count)
    return overflows ? .max / 2 : linear + pairs / 10
  }

  private static let comparing: Set<String> = [
    "distinct", "sets.contains", "sets.equivalent", "sets.intersects", "_==_", "_!=_", "@in",
  ]

  private mutating func list(_ elements: [Expression.Element]) throws(EvaluationError) -> Value {
    var result: [Value] = []
    for element in elements {
      let value = try value(element.value)
      if !element.isOptional { result.append(value) } else if let inner = value.inside { result.append(inner) }
    }
    return .list(result)
  }

  private mutating func map(
    _ entries: [(key: Expression, value: Expression, isOptional: Bool)]
  ) throws(EvaluationError) -> Value {
    var result: [(key: Value, value: Value)] = []
    for entry in entries {
      let key = try value(entry.key)
      if result.contains(where: { $0.key.equals(key) }) { throw EvaluationError("Failed with repeated key") }
      let value = try value(entry.value)
      if !entry.isOptional {
        result.append((key, value))
      } else if let inner = value.inside {
        result.append((key, inner))
      }
    }
    return .map(result)
  }

  private mutating func message(_ fields: [Expression.MessageField]) throws(EvaluationError) -> Value {
    var result: [(key: Value, value: Value)] = []
    for field in fields {
      let value = try value(field.value)
      if !field.isOptional {
        result.append((.string(field.name), value))
      } else if let inner = value.inside {
        result.append((.string(field.name), inner))
      }
    }
    return .map(result)
  }
}

// MARK: - macros

extension Evaluator {
  private mutating func comprehension(_ comprehension: Comprehension) throws(EvaluationError) -> Value {
    let source = try value(comprehension.source)
    let items = try Self.items(source, withIndex: comprehension.variables.count == 2)
    switch comprehension.kind {
    case .all: return .bool(try decide(comprehension, items, by: false))
    case .exists: return .bool(try decide(comprehension, items, by: true))
    case .existsOne:
      var count = 0
      for item in items where try isTrue(comprehension.body, comprehension, item) { count += 1 }
      return .bool(count == 1)
    case .filter:
      var result: [Value] = []
      for item in items where try isTrue(comprehension.body, comprehension, item) { result.append(item.first) }
      return .list(result)
    case .map, .transformList:
      var result: [Value] = []
      for item in items where try counts(comprehension, item) {
        result.append(try within(comprehension, item, comprehension.body))
      }
      return .list(result)
    case .transformMap:
      var result: [(key: Value, value: Value)] = []
      for item in items where try counts(comprehension, item) {
        result.append((item.first, try within(comprehension, item, comprehension.body)))
      }
      return .map(result)
    case .sortBy:
      var keyed: [(key: Value, value: Value)] = []
      for item in items { keyed.append((try within(comprehension, item, comprehension.body), item.first)) }
      return .list(keyed.sorted { ($0.key.order($1.key) ?? 0) < 0 }.map(\.value))
    }
  }

  fileprivate struct Item {
    var first: Value
    var second: Value
  }

  private static func items(_ source: Value, withIndex: Bool) throws(EvaluationError) -> [Item] {
    switch source {
    case .list(let elements):
      return withIndex
        ? elements.enumerated().map { Item(first: .int(Int64($0.offset)), second: $0.element) }
        : elements.map { Item(first: $0, second: $0) }
    case .map, .domains, .object: return source.entries.map { Item(first: $0.key, second: $0.value) }
    default: throw EvaluationError("no such overload")
    }
  }

  private mutating func within(
    _ comprehension: Comprehension, _ item: Item, _ body: Expression
  ) throws(EvaluationError) -> Value {
    let count = scope.count
    for (name, value) in zip(comprehension.variables, [item.first, item.second]) { scope.append((name, value)) }
    defer { scope.removeLast(scope.count - count) }
    return try value(body)
  }

  private mutating func isTrue(
    _ body: Expression, _ comprehension: Comprehension, _ item: Item
  ) throws(EvaluationError) -> Bool {
    guard case .bool(let flag) = try within(comprehension, item, body) else {
      throw EvaluationError("no such overload")
    }
    return flag
  }

  private mutating func counts(_ comprehension: Comprehension, _ item: Item) throws(EvaluationError) -> Bool {
    guard let condition = comprehension.condition else { return true }
    return try isTrue(condition, comprehension, item)
  }

  /// One element can decide alone, even where others have no value.
  private mutating func decide(
    _ comprehension: Comprehension, _ items: [Item], by deciding: Bool
  ) throws(EvaluationError) -> Bool {
    var failure: EvaluationError?
    for item in items {
      do throws(EvaluationError) {
        if try isTrue(comprehension.body, comprehension, item) == deciding { return deciding }
      } catch {
        if budget < 0 { throw error }
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return !deciding
  }
}

extension Value {
  /// What an optional holds, for questions that nothing answers with no.
  fileprivate var present: Value { if case .optional(let inner) = self { inner ?? .null } else { self } }

  /// A whole number as a position.
  fileprivate var index: Int? {
    switch self {
    case .int(let number): Int(number)
    case .uint(let number): Int(exactly: number)
    case .double(let number): Int(exactly: number)
    default: nil
    }
  }

  /// How many elements or entries there are.
  fileprivate var count: Int {
    switch self {
    case .list(let elements): elements.count
    case .map(let entries): entries.count
    case .domains(let domains): domains.count
    case .object(let members, _): members.count
    default: 0
    }
  }

  /// How much there is to go through.
  fileprivate var size: Int {
    switch self {
    case .string(let text): text.utf8.count
    case .bytes(let bytes): bytes.count
    case .list(let elements): elements.count
    case .map(let entries): entries.count
    case .domains(let domains): domains.count
    case .object(let members, _): members.count
    default: 0
    }
  }
}
