import Values

/// A signal to a process of the container.
struct ShellSignal: Sendable, Equatable {
  var process: Int
  /// `TERM`
  var name: String
}

/// What the first program of a container is called; read when somebody looks.
struct MainProgram: Sendable {
  var image = ""
  var command: [String] = []
  var arguments: [String] = []
  /// Settings of the kernel that its pod asked for.
  var settings: [String: String] = [:]

  /// `sleep 3600`
  var title: String {
    let words = command.isEmpty && !arguments.isEmpty ? [ImageReference(image).short] + arguments : command + arguments
    return words.isEmpty ? ImagePrograms.main(image) : words.joined(separator: " ")
  }
}

/// Processes and signals to them.
extension ShellCommands {
  static let processes: [String: SimulatedCommand] = [
    "kill": kill, "killall": killNamed, "pkill": killNamed, "pidof": find, "pgrep": find,
    "ps": list, "top": watch,
  ]

  private static let list: SimulatedCommand = { shell, arguments, world in
    let isFull = arguments.contains { $0.contains("f") || $0.contains("u") }
    shell.print(
      isFull ? "UID          PID    PPID  C STIME TTY          TIME CMD" : "PID   USER     TIME  COMMAND", &world)
    for (number, title) in present(shell, world) {
      var line = "\(column(number, 5)) root      0:00 \(title)"
      if isFull {
        line = "root     \(column(number, 7)) \(column(number == 1 ? 0 : 1, 7))  0 00:00 ?        00:00:00 \(title)"
      }
      shell.print(line, &world)
    }
    return 0
  }

  private static let watch: SimulatedCommand = { shell, arguments, world in
    let list = present(shell, world)
    shell.print("Mem: 4194304K used, 29360128K free, 0K shrd, 0K buff, 1048576K cached", &world)
    shell.print("CPU:   2% usr   1% sys   0% nic  97% idle   0% io   0% irq   0% sirq", &world)
    shell.print("Load average: 0.08 0.05 0.01 1/\(list.count) 13", &world)
    shell.print("  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND", &world)
    for (number, title) in list {
      shell.print("\(column(number, 5))     0 root     S     4400   0%   0   0% \(title)", &world)
    }
    return 0
  }

  private static func column(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// Number and command line: the first program, the shell that asks, and what it runs.
  private static func present(_ shell: Shell, _ world: ShellWorld) -> [(Int, String)] {
    var list = [(1, world.main.title)] + ImagePrograms.workers(world.main.image, world.main.command)
    if world.container != nil { list.append((shell.number, shell.name)) }
    return list
  }

  private static let signals = [
    "1": "HUP", "2": "INT", "3": "QUIT", "9": "KILL", "10": "USR1", "12": "USR2", "15": "TERM", "18": "CONT",
    "19": "STOP",
  ]

  /// `kill -TERM 1`, `kill -s HUP 7`, `kill $!`
  private static let kill: SimulatedCommand = { shell, arguments, world in
    var name = "TERM"
    var targets: [String] = []
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "-l" {
        shell.print("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM", &world)
        return 0
      }
      if word == "-s", let next = rest.popFirst() {
        name = next
      } else if word.hasPrefix("-"), word != "--", targets.isEmpty {
        name = String(word.dropFirst())
      } else if word != "--" {
        targets.append(word)
      }
    }
    name = name.uppercased()
    if name.hasPrefix("SIG") { name = String(name.dropFirst(3)) }
    name = signals[name] ?? name
    if targets.isEmpty { return shell.fail("kill: you need to specify whom to kill", &world) }
    var status = 0
    for target in targets {
      if let number = Int(target), number > 0 {
        if name != "0" { send(name, to: number, &shell, &world) }
      } else if target.hasPrefix("%"), let number = shell.lastSpawned {
        send(name, to: number, &shell, &world)
      } else {
        status = shell.fail("\(shell.name): kill: \(target): no such process", &world)
      }
    }
    return status
  }

  /// A shell beside the first program may end itself; the first program hears only what it has a trap for.
  private static func send(_ name: String, to number: Int, _ shell: inout Shell, _ world: inout ShellWorld) {
    if number == shell.number, number != 1 {
      if name != "KILL", shell.trap(name) { return }
      let code = signals.first { $0.value == name }.flatMap { Int($0.key) } ?? 15
      return shell.end(128 + code)
    }
    world.signals.append(ShellSignal(process: number, name: name))
  }

  /// By the name of a program.
  private static func named(_ arguments: [String], _ shell: Shell, _ world: ShellWorld) -> [Int] {
    let names = arguments.filter { !$0.hasPrefix("-") }
    let isWhole = arguments.contains("-f")
    return present(shell, world).filter { number, title in
      let word = title.split(separator: " ").first.map { String($0.drop { $0 == "-" }) } ?? ""
      let program = word.split(separator: "/").last.map { String($0.prefix { $0 != ":" }) } ?? word
      return number != shell.number && names.contains { isWhole ? title.contains($0) : program == $0 }
    }.map(\.0)
  }

  private static let find: SimulatedCommand = { shell, arguments, world in
    let found = named(arguments, shell, world)
    if !found.isEmpty { shell.print(found.map(String.init).joined(separator: " "), &world) }
    return found.isEmpty ? 1 : 0
  }

  private static let killNamed: SimulatedCommand = { shell, arguments, world in
    let found = named(arguments, shell, world)
    let option = arguments.first { $0.hasPrefix("-") && $0 != "-f" }.map { String($0.dropFirst()) } ?? "TERM"
    for number in found { send(signals[option] ?? option, to: number, &shell, &world) }
    return found.isEmpty ? 1 : 0
  }
}
