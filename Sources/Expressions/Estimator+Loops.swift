/// What macros cost: once for each element, and a little around it.
extension Estimator {
  mutating func comprehension(_ comprehension: Comprehension) throws(CompileError) -> Estimate {
    let source = try estimate(comprehension.source)
    let names = Self.names(comprehension, source)
    let body = try within(names, comprehension.body)
    var condition: Estimate?
    if let expression = comprehension.condition { condition = try within(names, expression) }
    let loop = Self.loop(comprehension.kind, body.cost)
    // What a condition leaves out costs no more than to keep what there is.
    let step = condition.map { $0.cost + loop.step.union(Self.access) } ?? loop.step
    let cost = source.cost + loop.start + loop.end + source.sizeOrUnknown * step
    var result = Estimate(type: Self.type(comprehension.kind, source.type, body.type), cost: cost)
    switch comprehension.kind {
    case .all, .exists, .existsOne: result.size = Span(1)
    case .filter, .sortBy:
      result.size = source.sizeOrUnknown
      result.element = names.first?.value.sizeOrUnknown
    case .map, .transformList, .transformMap:
      result.size = source.sizeOrUnknown
      result.element = body.sizeOrUnknown
      result.key = names.first?.value.sizeOrUnknown
    }
    return result
  }

  /// The macro's own work, as the language spells it out: what it starts with, what it does to each element, and how it
  /// takes the result.
  private static func loop(_ kind: Comprehension.Kind, _ body: Span) -> (start: Span, step: Span, end: Span) {
    let appending = Span(12)
    return switch kind {
    // A side that decides ends the loop, and that is asked before each element.
    case .all: (.zero, Span(2) + Span(1, body.addedToMost(1)), access)
    case .exists: (.zero, Span(3) + Span(1, body.addedToMost(1)), access)
    case .existsOne: (.zero, body + Span(1, 2), Span(2))
    case .map, .transformList, .sortBy: (listCost, body + appending, access)
    case .filter: (listCost, body + Span(1, 13), access)
    case .transformMap: (Span(30), body + Span(3), access)
    }
  }

  private static func names(_ comprehension: Comprehension, _ source: Estimate) -> [(name: String, value: Estimate)] {
    let isList = if case .list = source.type { true } else { source.place?.isMap != true && source.key == nil }
    let types: (key: ValueType, value: ValueType) =
      switch source.type {
      case .list(let element): (.int, element)
      case .map(let key, let value): (key, value)
      case .object: (.string, .dynamic)
      default: (.dynamic, .dynamic)
      }
    let element = item(types.value, source.element, at: source.place?.element)
    let key = isList ? item(.int, nil, at: nil) : item(types.key, source.key, at: source.place == nil ? nil : keys)
    let values = comprehension.variables.count == 2 ? [key, element] : [isList ? element : key]
    return zip(comprehension.variables, values).map { (name: $0, value: $1) }
  }

  /// The keys of maps that come from a request: nobody says how long they are.
  private static let keys = SizeTree.plain(smallest: 2)

  private static func type(_ kind: Comprehension.Kind, _ source: ValueType, _ body: ValueType) -> ValueType {
    switch kind {
    case .all, .exists, .existsOne: .bool
    case .filter:
      switch source {
      case .map(let key, _): .list(key)
      case .object: .list(.string)
      default: source
      }
    case .sortBy: source
    case .map, .transformList: .list(body)
    case .transformMap: if case .map(let key, _) = source { .map(key, body) } else { .map(.dynamic, body) }
    }
  }
}

extension Span {
  fileprivate func addedToMost(_ more: UInt64) -> UInt64 { most.addingOrMost(more) }
}
