/// A piece of an expression, and where it begins in the text.
struct Expression: Sendable {
  indirect enum Form: Sendable {
    case literal(Value)
    case name(String)
    /// `a.b`; optional: `a.?b`.
    case select(Expression, String, isOptional: Bool)
    /// `has(a.b)`
    case has(Expression, String)
    /// `a[b]`; optional: `a[?b]`.
    case index(Expression, Expression, isOptional: Bool)
    case call(String, [Expression])
    case memberCall(Expression, String, [Expression])
    case and(Expression, Expression)
    case or(Expression, Expression)
    case choice(Expression, Expression, Expression)
    case list([Element])
    case map([(key: Expression, value: Expression, isOptional: Bool)])
    /// `Object.spec{replicas: 3}`
    case message(String, [MessageField])
    case comprehension(Comprehension)
    /// `cel.bind(name, value, result)`
    case bind(String, Expression, Expression)
  }

  struct Element: Sendable {
    var value: Expression
    var isOptional: Bool
  }

  struct MessageField: Sendable {
    var name: String
    var value: Expression
    var isOptional: Bool
  }

  var form: Form
  /// In characters from the start of the text.
  var position: Int
}

/// A macro that goes through a list or the keys of a map.
struct Comprehension: Sendable {
  enum Kind: String, Sendable {
    case all, exists, existsOne, map, filter, transformList, transformMap, sortBy
  }

  var kind: Kind
  var source: Expression
  /// One for the elements or keys; two for index and element, or key and value.
  var variables: [String]
  /// Which elements count; nil for all.
  var condition: Expression?
  var body: Expression
}
