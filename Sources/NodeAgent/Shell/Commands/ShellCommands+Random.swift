import Values

/// `openssl rand`: the one thing that scripts want of it.
extension ShellCommands {
  static let randoms: [String: SimulatedCommand] = [
    "openssl": { shell, arguments, world in
      guard arguments.first == "rand" else { return shell.stranger("openssl", &world) }
      guard let count = arguments.last.flatMap({ Int($0) }), (0...FileTree.byteLimit).contains(count) else {
        return shell.fail("rand: Use -help for summary.", &world)
      }
      let bytes = world.random.next(count)
      if arguments.contains("-hex") {
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        shell.print(digits.joined(), &world)
      } else if arguments.contains("-base64") {
        shell.write(wrapped(Base64.encode(bytes), ["-w64"]), to: shell.streams.out, &world)
      } else {
        shell.write(RawText.opaque(bytes), to: shell.streams.out, &world)
      }
      return 0
    }
  ]
}
