/// Lists, maps and sets of values.
extension Functions {
  static let lists: Library = [
    "size": [
      .plain([.list(.dynamic)], .int) { .int(Int64($0[0].elements.count)) },
      .member([.list(.dynamic)], .int) { .int(Int64($0[0].elements.count)) },
      .plain([.map(.dynamic, .dynamic)], .int) { .int(Int64($0[0].entries.count)) },
      .member([.map(.dynamic, .dynamic)], .int) { .int(Int64($0[0].entries.count)) },
    ],
    "isSorted": [
      .member([.list(.dynamic)], .bool) { arguments in
        let elements = arguments[0].elements
        return .bool(zip(elements, elements.dropFirst()).allSatisfy { ($0.order($1) ?? 1) <= 0 })
      }
    ],
    "sum": [.member([.list(.dynamic)], .dynamic, sum)],
    "min": [.member([.list(.dynamic)], .dynamic) { arguments throws(EvaluationError) in try best(arguments[0], -1) }],
    "max": [.member([.list(.dynamic)], .dynamic) { arguments throws(EvaluationError) in try best(arguments[0], 1) }],
    "indexOf": [
      .member([.list(.dynamic), .dynamic], .int) { arguments in
        .int(Int64(arguments[0].elements.firstIndex { $0.equals(arguments[1]) } ?? -1))
      }
    ],
    "lastIndexOf": [
      .member([.list(.dynamic), .dynamic], .int) { arguments in
        .int(Int64(arguments[0].elements.lastIndex { $0.equals(arguments[1]) } ?? -1))
      }
    ],
    "distinct": [.member([.list(.dynamic)], .list(.dynamic)) { .list(distinct($0[0].elements)) }],
    "reverse": [.member([.list(.dynamic)], .list(.dynamic)) { .list($0[0].elements.reversed()) }],
    "sort": [
      .member([.list(.dynamic)], .list(.dynamic)) { .list($0[0].elements.sorted { ($0.order($1) ?? 0) < 0 }) }
    ],
    "slice": [
      .member([.list(.dynamic), .int, .int], .list(.dynamic)) { arguments throws(EvaluationError) in
        let (elements, start, end) = (arguments[0].elements, arguments[1].whole, arguments[2].whole)
        guard start >= 0, start <= end, end <= elements.count else {
          throw EvaluationError("cannot slice(\(start), \(end)), list is length \(elements.count)")
        }
        return .list(Array(elements[Int(start)..<Int(end)]))
      }
    ],
    "flatten": [
      .member([.list(.dynamic)], .list(.dynamic)) { arguments in
        .list(arguments[0].elements.flatMap { if case .list(let inner) = $0 { inner } else { [$0] } })
      }
    ],
    "first": [.member([.list(.dynamic)], .optional(.dynamic)) { .optional($0[0].elements.first) }],
    "last": [.member([.list(.dynamic)], .optional(.dynamic)) { .optional($0[0].elements.last) }],
    "sets.contains": [
      .plain([.list(.dynamic), .list(.dynamic)], .bool) { .bool(contains($0[0].elements, $0[1].elements)) }
    ],
    "sets.equivalent": [
      .plain([.list(.dynamic), .list(.dynamic)], .bool) {
        .bool(contains($0[0].elements, $0[1].elements) && contains($0[1].elements, $0[0].elements))
      }
    ],
    "sets.intersects": [
      .plain([.list(.dynamic), .list(.dynamic)], .bool) { arguments in
        .bool(arguments[0].elements.contains { element in arguments[1].elements.contains { $0.equals(element) } })
      }
    ],
  ]

  private static func contains(_ all: [Value], _ some: [Value]) -> Bool {
    some.allSatisfy { element in all.contains { $0.equals(element) } }
  }

  private static func distinct(_ elements: [Value]) -> [Value] {
    var result: [Value] = []
    for element in elements where !result.contains(where: { $0.equals(element) }) { result.append(element) }
    return result
  }

  private static func best(_ list: Value, _ sign: Int) throws(EvaluationError) -> Value {
    guard var best = list.elements.first else {
      throw EvaluationError("\(sign < 0 ? "min" : "max") called on empty list")
    }
    for element in list.elements.dropFirst() where (element.order(best) ?? 0) * sign > 0 { best = element }
    return best
  }

  private static let sum: Function.Body = { arguments throws(EvaluationError) in
    guard var total = arguments[0].elements.first else { return .int(0) }
    for element in arguments[0].elements.dropFirst() {
      let types = [total.type, element.type]
      guard let add = Functions.all["_+_"]?.first(where: { $0.takes(types, isMember: false) }) else {
        throw EvaluationError("no such overload")
      }
      total = try add.body([total, element])
    }
    return total
  }

  static let numbers: Library = [
    "math.greatest": extremes(1), "math.least": extremes(-1),
    "math.abs": [
      .plain([.int], .int) { arguments throws(EvaluationError) in
        guard arguments[0].whole != .min else { throw integerOverflow }
        return .int(abs(arguments[0].whole))
      }, .plain([.double], .double) { .double(abs($0[0].number)) },
    ],
    "math.ceil": [.plain([.double], .double) { .double($0[0].number.rounded(.up)) }],
    "math.floor": [.plain([.double], .double) { .double($0[0].number.rounded(.down)) }],
    "math.round": [.plain([.double], .double) { .double($0[0].number.rounded()) }],
    "math.trunc": [.plain([.double], .double) { .double($0[0].number.rounded(.towardZero)) }],
    "math.isNaN": [.plain([.double], .bool) { .bool($0[0].number.isNaN) }],
    "math.isInf": [.plain([.double], .bool) { .bool($0[0].number.isInfinite) }],
  ]

  private static func extremes(_ sign: Int) -> [Function] {
    let many = Function.plain([.list(.dynamic)], .dynamic) { arguments throws(EvaluationError) in
      try best(arguments[0], sign)
    }
    let some = (1...4).map { count in
      Function.plain(Array(repeating: .dynamic, count: count), .dynamic) { arguments throws(EvaluationError) in
        try best(.list(arguments), sign)
      }
    }
    return [many] + some
  }

  static let optionals: Library = [
    "optional.of": [.plain([.dynamic], .optional(.dynamic)) { .optional($0[0]) }],
    "optional.none": [.plain([], .optional(.dynamic)) { _ in .optional(nil) }],
    "optional.ofNonZeroValue": [.plain([.dynamic], .optional(.dynamic)) { .optional($0[0].isZero ? nil : $0[0]) }],
    "hasValue": [.member([.optional(.dynamic)], .bool) { .bool($0[0].inside != nil) }],
    "value": [
      .member([.optional(.dynamic)], .dynamic) { arguments throws(EvaluationError) in
        guard let value = arguments[0].inside else { throw EvaluationError("optional.none() dereference") }
        return value
      }
    ],
    "orValue": [.member([.optional(.dynamic), .dynamic], .dynamic) { $0[0].inside ?? $0[1] }],
    "or": [
      .member([.optional(.dynamic), .optional(.dynamic)], .optional(.dynamic)) { $0[0].inside == nil ? $0[1] : $0[0] }
    ],
  ]
}

extension Value {
  var number: Double {
    switch self {
    case .double(let number): number
    case .int(let number): Double(number)
    default: 0
    }
  }

  var inside: Value? { if case .optional(let value) = self { value } else { nil } }

  fileprivate var isZero: Bool {
    switch self {
    case .null: true
    case .bool(let flag): !flag
    case .string(let text): text.isEmpty
    case .list(let elements): elements.isEmpty
    case .map, .domains, .object: entries.isEmpty
    case .int, .uint, .double: compare(.int(0)) == 0
    default: false
    }
  }

  /// The order of values that sort, quantities among them.
  func order(_ other: Value) -> Int? {
    if case .quantity(let left) = self, case .quantity(let right) = other {
      return left < right ? -1 : left == right ? 0 : 1
    }
    return compare(other)
  }
}
