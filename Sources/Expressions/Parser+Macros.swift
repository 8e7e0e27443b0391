/// Calls that are no calls: they bind names, or ask whether something is there.
extension Parser {
  func call(_ name: String, _ arguments: [Expression], _ place: Int) throws(CompileError) -> Expression {
    guard name == "has", arguments.count == 1 else {
      return Expression(form: .call(name, arguments), position: place)
    }
    guard case .select(let object, let field, false) = arguments[0].form else {
      throw CompileError(position: place, message: "invalid argument to has() macro")
    }
    return Expression(form: .has(object, field), position: place)
  }

  func memberCall(
    _ target: Expression, _ name: String, _ arguments: [Expression], _ place: Int
  ) throws(CompileError) -> Expression {
    if case .name("cel") = target.form, name == "bind", arguments.count == 3 {
      return Expression(
        form: .bind(try variable(arguments[0]), arguments[1], arguments[2]), position: place)
    }
    if let comprehension = try comprehension(target, name, arguments) {
      return Expression(form: .comprehension(comprehension), position: place)
    }
    if let function = qualified(target, name) { return Expression(form: .call(function, arguments), position: place) }
    return Expression(form: .memberCall(target, name, arguments), position: place)
  }

  /// Functions whose names have dots: `optional.of`, `ip.isCanonical`.
  private func qualified(_ target: Expression, _ name: String) -> String? {
    guard case .name(let space) = target.form else { return nil }
    let full = space + "." + name
    return Functions.spaces.contains(space) && Functions.all[full] != nil ? full : nil
  }

  private func comprehension(
    _ source: Expression, _ name: String, _ arguments: [Expression]
  ) throws(CompileError) -> Comprehension? {
    func make(
      _ kind: Comprehension.Kind, variables: Int, condition: Expression? = nil, _ body: Expression
    ) throws(CompileError) -> Comprehension {
      var names: [String] = []
      for argument in arguments.prefix(variables) { names.append(try variable(argument)) }
      return Comprehension(kind: kind, source: source, variables: names, condition: condition, body: body)
    }
    switch (name, arguments.count) {
    case ("all", 2): return try make(.all, variables: 1, arguments[1])
    case ("all", 3): return try make(.all, variables: 2, arguments[2])
    case ("exists", 2): return try make(.exists, variables: 1, arguments[1])
    case ("exists", 3): return try make(.exists, variables: 2, arguments[2])
    case ("exists_one", 2), ("existsOne", 2): return try make(.existsOne, variables: 1, arguments[1])
    case ("existsOne", 3): return try make(.existsOne, variables: 2, arguments[2])
    case ("map", 2): return try make(.map, variables: 1, arguments[1])
    case ("map", 3): return try make(.map, variables: 1, condition: arguments[1], arguments[2])
    case ("filter", 2): return try make(.filter, variables: 1, arguments[1])
    case ("sortBy", 2): return try make(.sortBy, variables: 1, arguments[1])
    case ("transformList", 3): return try make(.transformList, variables: 2, arguments[2])
    case ("transformList", 4): return try make(.transformList, variables: 2, condition: arguments[2], arguments[3])
    case ("transformMap", 3): return try make(.transformMap, variables: 2, arguments[2])
    case ("transformMap", 4): return try make(.transformMap, variables: 2, condition: arguments[2], arguments[3])
    default: return nil
    }
  }

  private func variable(_ expression: Expression) throws(CompileError) -> String {
    if case .name(let name) = expression.form { return name }
    throw CompileError(position: expression.position, message: "argument must be a simple name")
  }
}
