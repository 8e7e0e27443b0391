/// Variables, and what the process knows of itself.
extension ShellCommands {
  static let variables: [String: SimulatedCommand] = [
    "export": assign(isExported: true), "declare": assign(isExported: false), "local": assign(isExported: false),
    "readonly": assign(isExported: false), "typeset": assign(isExported: false),
    "unset": { shell, arguments, _ in
      for name in arguments where !name.hasPrefix("-") {
        shell.variables[name] = nil
        shell.exported.remove(name)
      }
      return 0
    },
    "printenv": { shell, arguments, world in
      if arguments.isEmpty { return all["env"]?(&shell, [], &world) ?? 1 }
      var status = 0
      for name in arguments {
        if let value = shell.variables[name], shell.exported.contains(name) {
          shell.print(value, &world)
        } else {
          status = 1
        }
      }
      return status
    },
    "let": { shell, arguments, _ in
      var last = 0
      for text in arguments {
        var arithmetic = Arithmetic(text, variables: shell.variables)
        last = arithmetic.value() ?? 0
        shell.variables = arithmetic.variables
      }
      return last == 0 ? 1 : 0
    },
    "expr": { shell, arguments, world in
      var arithmetic = Arithmetic(arguments.joined(separator: " "), variables: [:])
      guard let value = arithmetic.value() else { return shell.fail("expr: syntax error", &world, code: 2) }
      shell.print(String(value), &world)
      return value == 0 ? 1 : 0
    },
    "read": { shell, arguments, _ in
      guard let line = shell.inputLine() else { return 1 }
      let names = arguments.filter { !$0.hasPrefix("-") }
      var words = line.split(whereSeparator: \.isWhitespace).map(String.init)[...]
      for (index, name) in names.enumerated() {
        let isLast = index == names.count - 1
        shell.variables[name] = isLast ? words.joined(separator: " ") : words.popFirst() ?? ""
      }
      return 0
    },
  ]

  private static func assign(isExported: Bool) -> SimulatedCommand {
    { shell, arguments, _ in
      for argument in arguments where !argument.hasPrefix("-") {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2 { shell.variables[parts[0]] = parts[1] }
        if isExported { shell.exported.insert(parts[0]) }
      }
      return 0
    }
  }
}
