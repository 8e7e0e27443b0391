/// What functions cost: some go through all they are given, most do not (Kubernetes' and cel-go's estimates).
extension Estimator {
  /// Of going through a text, for each byte.
  private static let traversal = 0.1
  /// Of a regular expression, for each character: most of its parts have about four.
  private static let pattern = 0.25

  mutating func call(
    _ name: String, _ target: Expression?, _ arguments: [Expression], _ position: Int
  ) throws(CompileError) -> Estimate {
    var parts: [Estimate] = []
    if let target { parts.append(try estimate(target)) }
    for argument in arguments { parts.append(try estimate(argument)) }
    let type = try callType(name, parts.map(\.type), isMember: target != nil, position)
    var result = Self.call(name, parts, isMember: target != nil)
    result.type = type
    if result.size == nil, type.isScalar { result.size = Span(1) }
    result.cost = parts.reduce(result.cost) { $0 + $1.cost }
    return result
  }

  /// The call alone, without its arguments.
  private static func call(_ name: String, _ parts: [Estimate], isMember: Bool) -> Estimate {
    var result = Estimate(type: .dynamic, cost: access)
    guard let first = parts.first else { return result }
    let size = first.sizeOrUnknown
    let second = parts.dropFirst().first?.sizeOrUnknown ?? .unknown
    switch name {
    case "dyn":
      result.size = first.size
      result.element = first.element
      result.key = first.key
    case "_==_", "_!=_": result.cost = comparing(size, second)
    case "_<_", "_<=_", "_>_", "_>=_":
      guard first.type.mayBeText else { break }
      result.cost = comparing(size, second)
      if !first.type.isText { result.cost = result.cost.union(access) }
    case "_+_": result = sum(first, parts[1])
    case "@in":
      guard parts[1].type.mayBeList else { break }
      result.cost = parts[1].type.isList ? second : second.union(access)
    case "matches", "find", "findAll":
      guard isMember else { break }
      result.cost = (size + Span(1)).times(traversal) * second.times(pattern)
      if name != "matches" { result.size = Span(0, size.most) }
    case "contains": result.cost = size.times(traversal) * second.times(traversal)
    case "startsWith", "endsWith": result.cost = second.times(traversal)
    case "format", "strings.quote", "bytes":
      result.cost = size.times(traversal)
      if name == "format" { result.size = size + second }
      if name == "bytes" { result.size = Span(size.least, size.most.timesOrMost(4)) }
      if name == "strings.quote" { result.size = Span(size.least, size.most.timesOrMost(2)) + Span(2) }
    case "string":
      if case .bytes = first.type {
        result.cost = size.times(traversal)
        result.size = Span(size.least / 4, size.most)
      }
    case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf": result.cost = walking(first)
    case "url", "isURL", "cidr", "isIP", "isCIDR", "ip", "quantity", "isQuantity", "validate":
      result.cost = size.times(traversal)
    case "ip.isCanonical": result.cost = size.times(2 * traversal)
    case "lowerAscii", "upperAscii", "substring", "trim", "reverse":
      result.cost = first.type.isList ? size : size.times(traversal)
      result.size = size
      result.element = first.element
    case "replace":
      result.cost = size.times(2 * traversal)
      result.size = parts.count > 2 ? replaced(size, second, parts[2].sizeOrUnknown) : nil
    case "split":
      result.cost = size.times(2 * traversal)
      result.size = Span(0, size.most)
    case "join":
      let text = joining(first, parts.count > 1 ? second : .zero)
      result.cost = text.times(traversal)
      result.size = text
    default: break
    }
    return result
  }

  /// Until one side ends; that of two numbers counts as one.
  private static func comparing(_ left: Span, _ right: Span) -> Span {
    let most = min(left.most, right.most)
    return Span(most > 0 ? 1 : 0, most).times(traversal)
  }

  private static func sum(_ left: Estimate, _ right: Estimate) -> Estimate {
    var result = Estimate(type: .dynamic, cost: access)
    guard left.type.mayBeText || left.type.mayBeList || right.type.mayBeText else { return result }
    let size = left.sizeOrUnknown + right.sizeOrUnknown
    result.size = size
    result.element = either(left.element, right.element)
    if left.type.isText || right.type.isText {
      result.cost = size.times(traversal)
    } else if !left.type.isList, !right.type.isList {
      result.cost = size.times(traversal).union(access)
    }
    return result
  }

  /// Each element once, and all of its text.
  private static func walking(_ list: Estimate) -> Span {
    guard case .list(let type) = list.type else { return list.sizeOrUnknown.times(traversal) }
    guard type.isText else { return list.sizeOrUnknown }
    let element = list.place?.element.map { Span(0, $0.most) } ?? .unknown
    return list.sizeOrUnknown * (Span(1) + element.times(traversal))
  }

  private static func joining(_ list: Estimate, _ separator: Span) -> Span {
    let count = list.sizeOrUnknown
    let element = list.place?.element.map { Span(0, $0.most) } ?? .unknown
    let between = Span(count.least > 0 ? count.least - 1 : 0, count.most > 0 ? count.most - 1 : 0)
    return count * element + separator * between
  }

  /// How long a text is after the shortest parts have given way to the longest others.
  private static func replaced(_ text: Span, _ part: Span, _ other: Span) -> Span {
    var most = text.most
    if part.least == 0 {
      most = text.most.addingOrMost(1).timesOrMost(other.most).addingOrMost(text.most)
    } else if other.most > part.least {
      most = (text.most / part.least).addingOrMost(text.most % part.least == 0 ? 0 : 1).timesOrMost(other.most)
    }
    return Span(0, most)
  }
}

extension ValueType {
  fileprivate var isText: Bool {
    switch self {
    case .string, .bytes: true
    default: false
    }
  }

  fileprivate var isList: Bool { if case .list = self { true } else { false } }
  fileprivate var isDynamic: Bool { if case .dynamic = self { true } else { false } }
  fileprivate var mayBeText: Bool { isText || isDynamic }
  fileprivate var mayBeList: Bool { isList || isDynamic }
}
