/// `sed`: `s`, `d`, `p`, `q`, `y`, `a`, `i`, `c`, `=`, with addresses; `-n`, `-e`, `-i`, `-E`.
extension ShellCommands {
  static let streamEditors: [String: SimulatedCommand] = ["sed": sed]

  private static let sed: SimulatedCommand = { shell, arguments, world in
    var texts: [String] = []
    var names: [String] = []
    var (isSilent, isExtended, inPlace) = (false, false, false)
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "-e", "--expression": texts += rest.popFirst().map { [$0] } ?? []
      case "-n", "--quiet", "--silent": isSilent = true
      case "-E", "-r", "--regexp-extended": isExtended = true
      case "-f":
        guard let file = rest.popFirst(), let text = try? world.read(shell.path(file)) else { return 1 }
        texts.append(text)
      case let option where option.hasPrefix("-") && option.count > 1:
        isSilent = isSilent || option.dropFirst().prefix { $0 != "i" }.contains("n")
        isExtended = isExtended || option.contains("E") || option.contains("r")
        inPlace = inPlace || option.hasPrefix("-i") || option.hasPrefix("--in-place") || option.hasSuffix("i")
        if option.hasSuffix("e"), !option.hasPrefix("--") { texts += rest.popFirst().map { [$0] } ?? [] }
      default: if texts.isEmpty { texts.append(argument) } else { names.append(argument) }
      }
    }
    guard let program = SedProgram(texts.joined(separator: "\n"), isExtended: isExtended, isSilent: isSilent) else {
      return shell.fail("sed: bad option in substitution expression or unknown command", &world)
    }
    if names.isEmpty {
      var hasQuit = false
      shell.write(program.run(shell.input, hasQuit: &hasQuit), to: shell.streams.out, &world)
      if hasQuit { shell.ranDry = false }
      return 0
    }
    var status = 0
    var all = ""
    for name in names {
      do throws(ShellWorld.Failure) {
        let text = try world.read(shell.path(name))
        if inPlace { try world.write(shell.path(name), program.run(text)) } else { all += text }
      } catch {
        status = shell.fail("sed: \(name): \(error.text)", &world)
      }
    }
    if !inPlace { shell.write(program.run(all), to: shell.streams.out, &world) }
    return status
  }
}
