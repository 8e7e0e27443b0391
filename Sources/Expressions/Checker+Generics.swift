/// Functions whose result is of the type of what they are given.
extension Checker {
  static func generic(_ name: String, _ types: [ValueType]) -> ValueType? {
    guard let first = types.first else { return nil }
    switch (name, first) {
    case ("orValue", .optional(let inner)), ("value", .optional(let inner)): return inner
    case ("or", .optional): return first
    case ("optional.of", _), ("optional.ofNonZeroValue", _): return .optional(first)
    case ("sum", .list(let element)), ("min", .list(let element)), ("max", .list(let element)): return element
    case ("first", .list(let element)), ("last", .list(let element)): return .optional(element)
    case ("distinct", .list), ("reverse", .list), ("sort", .list), ("slice", .list): return first
    case ("_+_", .list): return types.dropFirst().reduce(first) { $0.joined($1) }
    case ("math.greatest", _), ("math.least", _):
      if case .list(let element) = first { return element }
      return types.dropFirst().reduce(first) { $0.joined($1) }
    default: return nil
    }
  }
}
