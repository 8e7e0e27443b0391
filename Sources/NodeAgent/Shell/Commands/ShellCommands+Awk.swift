/// `awk -F: '{print $1}'`
extension ShellCommands {
  static let reporters: [String: SimulatedCommand] = ["awk": awk, "gawk": awk, "mawk": awk]

  private static let awk: SimulatedCommand = { shell, arguments, world in
    var variables: [String: String] = [:]
    var program: String?
    var names: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let value = { argument.count > 2 ? String(argument.dropFirst(2)) : rest.popFirst() ?? "" }
      if program == nil, argument.hasPrefix("-F") {
        variables["FS"] = unescaped(value())
      } else if program == nil, argument.hasPrefix("-v") {
        let parts = value().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2 { variables[parts[0]] = unescaped(parts[1]) }
      } else if program == nil, argument == "-f" {
        guard let file = rest.popFirst(), let text = try? world.read(shell.path(file)) else { return 2 }
        program = text
      } else if program == nil {
        program = argument
      } else {
        names.append(argument)
      }
    }
    guard let program else {
      return shell.fail("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]", &world)
    }
    guard let parsed = AwkProgram(program) else {
      return shell.fail("awk: cmd. line:1: syntax error, or a part of awk that is not simulated", &world)
    }
    var text = names.isEmpty && parsed.readsInput ? shell.input : ""
    let status = each(names, "awk", &shell, &world) { _, more, _ in text += more }
    var run = AwkRun(parsed, variables: variables)
    let output = run.run { lines(text) }
    if run.hasExited { shell.ranDry = false }
    shell.write(output, to: shell.streams.out, &world)
    return status == 0 ? run.code : 2
  }
}
