/// Finds out the type of an expression, and what cannot work whatever the values are.
struct Checker {
  private var scope: [(name: String, type: ValueType)]

  init(_ variables: [String: ValueType]) { scope = variables.map { ($0.key, $0.value) } }

  mutating func type(_ expression: Expression) throws(CompileError) -> ValueType {
    switch expression.form {
    case .literal(let value): return value.type
    case .name(let name): return try variable(name, expression.position)
    case .select(let object, let field, let isOptional):
      let source = try type(object)
      let result = try member(source, field, expression.position)
      return isOptional && !source.isOptional ? .optional(result) : result
    case .has(let object, let field):
      _ = try member(try type(object), field, expression.position)
      return .bool
    case .index(let container, let key, let isOptional):
      let source = try type(container)
      let result = try element(source, try type(key), expression.position)
      return isOptional && !source.isOptional ? .optional(result) : result
    case .call(let name, let arguments):
      var types: [ValueType] = []
      for argument in arguments { types.append(try type(argument)) }
      return try call(name, types, isMember: false, expression.position)
    case .memberCall(let target, let name, let arguments):
      var types = [try type(target)]
      for argument in arguments { types.append(try type(argument)) }
      return try call(name, types, isMember: true, expression.position)
    case .and(let left, let right), .or(let left, let right):
      let word = if case .and = expression.form { "_&&_" } else { "_||_" }
      let types = [try type(left), try type(right)]
      guard types.allSatisfy({ $0.fits(.bool) }) else { throw noOverload(word, types, false, expression.position) }
      return .bool
    case .choice(let condition, let yes, let no):
      let types = [try type(condition), try type(yes), try type(no)]
      guard types[0].fits(.bool) else { throw noOverload("_?_:_", types, false, expression.position) }
      return types[1].joined(types[2])
    case .list(let elements):
      var result: ValueType?
      for element in elements {
        let type = try type(element.value)
        result = result.map { $0.joined(type) } ?? type
      }
      return .list(result ?? .dynamic)
    case .map(let entries):
      var key: ValueType?
      var value: ValueType?
      for entry in entries {
        let types = (try type(entry.key), try type(entry.value))
        key = key.map { $0.joined(types.0) } ?? types.0
        value = value.map { $0.joined(types.1) } ?? types.1
      }
      return .map(key ?? .dynamic, value ?? .dynamic)
    case .message(let name, let fields): return try message(name, fields, expression.position)
    case .comprehension(let comprehension): return try self.comprehension(comprehension)
    case .bind(let name, let value, let body):
      scope.append((name, try type(value)))
      defer { scope.removeLast() }
      return try type(body)
    }
  }

  /// What a mutation makes: a part of the object, named by the way to it, or an operation of a JSON patch.
  private mutating func message(
    _ name: String, _ fields: [Expression.MessageField], _ position: Int
  ) throws(CompileError) -> ValueType {
    guard scope.contains(where: { $0.name == Self.mutating }),
      name == "Object" || name.hasPrefix("Object.") || name == "JSONPatch"
    else { throw CompileError(position: position, message: "undeclared reference to '\(name)' (in container '')") }
    for field in fields {
      let type = try type(field.value)
      guard name == "JSONPatch" else { continue }
      guard let wanted = Self.patchFields[field.name] else {
        throw CompileError(position: field.value.position, message: "undefined field '\(field.name)'")
      }
      if !field.isOptional, !type.fits(wanted) {
        throw CompileError(
          position: field.value.position,
          message: "expected type of field '\(field.name)' is '\(wanted.name)' but provided type is '\(type.name)'")
      }
    }
    return name == "JSONPatch" ? .object(Self.patchType) : .object(ObjectType(name: name, fields: [:]))
  }

  /// A variable that is there where expressions make mutations; no expression can name it.
  static let mutating = "@mutating"
  private static let patchFields: [String: ValueType] = [
    "op": .string, "path": .string, "from": .string, "value": .dynamic,
  ]
  private static let patchType = ObjectType(name: "JSONPatch", fields: [:])

  private func variable(_ name: String, _ position: Int) throws(CompileError) -> ValueType {
    if let known = scope.last(where: { $0.name == name }) { return known.type }
    if Self.types.contains(name) { return .type }
    throw CompileError(position: position, message: "undeclared reference to '\(name)' (in container '')")
  }

  /// Names of types, which are values too.
  static let types: Set<String> = [
    "int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type",
  ]

  func member(_ type: ValueType, _ field: String, _ position: Int) throws(CompileError) -> ValueType {
    switch type {
    case .dynamic: return .dynamic
    case .map(_, let value): return value
    case .optional(let inner):
      let result = try member(inner, field, position)
      return .optional(result)
    case .object:
      if let known = type.member(field) { return known.type }
      throw CompileError(position: position, message: "undefined field '\(field)'")
    default:
      throw CompileError(position: position, message: "type '\(type.name)' does not support field selection")
    }
  }

  func element(_ type: ValueType, _ key: ValueType, _ position: Int) throws(CompileError) -> ValueType {
    switch type {
    case .dynamic: return .dynamic
    case .list(let element) where key.fits(.int) || key.isNumber: return element
    case .map(let wanted, let value) where key.fits(wanted): return value
    case .object where key.fits(.string): return .dynamic
    case .optional(let inner): return .optional(try element(inner, key, position))
    default: throw noOverload("_[_]", [type, key], false, position)
    }
  }

  func call(
    _ name: String, _ types: [ValueType], isMember: Bool, _ position: Int
  ) throws(CompileError) -> ValueType {
    guard let functions = Functions.all[name] else {
      throw CompileError(position: position, message: "undeclared reference to '\(name)' (in container '')")
    }
    if ["_==_", "_!=_"].contains(name), types.count == 2 {
      let isPossible =
        types[0].fits(types[1]) || (types[0].isNumber && types[1].isNumber && types[0].name == types[1].name)
      if !isPossible { throw noOverload(name, types, isMember, position) }
      return .bool
    }
    let fitting = functions.filter { $0.takes(types, isMember: isMember) }
    guard let first = fitting.first else { throw noOverload(name, types, isMember, position) }
    if let known = Self.generic(name, types) { return known }
    return fitting.dropFirst().reduce(first.result) { $0.joined($1.result) }
  }

  private func noOverload(_ name: String, _ types: [ValueType], _ isMember: Bool, _ position: Int) -> CompileError {
    let names = types.map(\.name)
    let applied =
      isMember
      ? "'\(names[0]).(\(names.dropFirst().joined(separator: ", ")))'" : "'(\(names.joined(separator: ", ")))'"
    return CompileError(
      position: position, message: "found no matching overload for '\(name)' applied to \(applied)")
  }

  private mutating func comprehension(_ comprehension: Comprehension) throws(CompileError) -> ValueType {
    let source = try type(comprehension.source)
    let types: (ValueType, ValueType)
    switch source {
    case .dynamic: types = (.dynamic, .dynamic)
    case .list(let element): types = comprehension.variables.count == 1 ? (element, element) : (.int, element)
    case .map(let key, let value): types = (key, value)
    case .object: types = (.string, .dynamic)
    default:
      throw CompileError(
        position: comprehension.source.position,
        message:
          "expression of type '\(source.name)' cannot be range of a comprehension (must be list, map, or dynamic)")
    }
    let count = scope.count
    for (name, type) in zip(comprehension.variables, [types.0, types.1]) { scope.append((name, type)) }
    defer { scope.removeLast(scope.count - count) }
    if let condition = comprehension.condition { try expectBool(condition) }
    switch comprehension.kind {
    case .all, .exists, .existsOne:
      try expectBool(comprehension.body)
      return .bool
    case .filter:
      try expectBool(comprehension.body)
      return .list(types.0)
    case .sortBy:
      _ = try type(comprehension.body)
      return source
    case .map, .transformList: return .list(try type(comprehension.body))
    case .transformMap: return .map(types.0, try type(comprehension.body))
    }
  }

  private mutating func expectBool(_ expression: Expression) throws(CompileError) {
    let found = try type(expression)
    if !found.fits(.bool) {
      throw CompileError(position: expression.position, message: "expected type 'bool' but found '\(found.name)'")
    }
  }
}
