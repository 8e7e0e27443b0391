import Values

extension Agnhost {
  private static let verbs = ["GET", "PUT", "POST"]
  private static let kinds = ["pods", "pods", "services"]

  /// Programs that say what they are told to, or nothing at all.
  static let writers: [String: SimulatedCommand] = [
    "entrypoint-tester": { _, _, _ in 0 },
    "pause": { shell, _, world in
      shell.print("Paused", &world)
      shell.pending.append(.endless)
      shell.endOnTerm = endOfServers
      return 0
    },
    // `--log-lines-total 100 --run-duration 20s`: so many lines in this time.
    "logs-generator": { shell, arguments, world in
      let count = value("log-lines-total", in: arguments).flatMap { Int($0) } ?? 0
      let time = value("run-duration", in: arguments).flatMap { ShellCommands.time($0) ?? nil } ?? .zero
      guard count > 0, time > .zero else {
        return shell.fail("Invalid total number of lines or duration: \(count)", &world)
      }
      shell.queue([["agnhost", "logs-generator-line", "0", String(count), String((time / count).nanoseconds)]])
      return 0
    },
    "logs-generator-line": { shell, arguments, world in
      let numbers = arguments.compactMap { Int($0) }
      guard numbers.count == 3, numbers[0] < numbers[1] else { return 0 }
      let (line, seed) = (numbers[0], Int(WellKnownImages.fingerprint("\(numbers[0])/\(world.hostname)") % 997))
      let place = "/api/v1/namespaces/\(seed % 2 == 0 ? "default" : "kube-system")/\(kinds[seed % 3])/\(word(seed))"
      shell.print(
        Calendar(world.now).text(["+I%m%d %T.000000"]) + "       1 logs_generator.go:76] \(line) \(verbs[seed % 3]) "
          + "\(place) \(200 + seed % 400)", &world)
      shell.pending.append(.wait(.nanoseconds(numbers[2])))
      shell.queue([["agnhost", "logs-generator-line", String(line + 1)] + arguments.dropFirst()])
      return 0
    },
  ]

  private static func word(_ seed: Int) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    return String((0..<4).map { letters[(seed * ($0 + 3)) % letters.count] })
  }
}
