/// `test`, `[` and `[[`.
extension ShellCommands {
  static let tests: [String: SimulatedCommand] = ["test": test, "[": test, "[[": test]

  private static let test: SimulatedCommand = { shell, arguments, world in
    var words = arguments
    if let last = words.last, last == "]" || last == "]]" { words.removeLast() }
    return holds(words, shell, world) ? 0 : 1
  }

  private static func holds(_ words: [String], _ shell: Shell, _ world: ShellWorld) -> Bool {
    if words.count > 64 { return false }
    for (sign, isOr) in [("-o", true), ("||", true), ("-a", false), ("&&", false)] {
      guard words.count > 3, let index = words.firstIndex(of: sign), index > 0 else { continue }
      let left = holds(Array(words[..<index]), shell, world)
      let right = holds(Array(words[(index + 1)...]), shell, world)
      return isOr ? left || right : left && right
    }
    if words.first == "!", words.count > 1 { return !holds(Array(words.dropFirst()), shell, world) }
    switch words.count {
    case 0: return false
    case 1: return !words[0].isEmpty
    case 2: return single(words[0], words[1], shell, world)
    default: return pair(words[0], words[1], words[2])
    }
  }

  private static func single(_ sign: String, _ text: String, _ shell: Shell, _ world: ShellWorld) -> Bool {
    let path = shell.path(text)
    switch sign {
    case "-z": return text.isEmpty
    case "-n": return !text.isEmpty
    case "-e": return world.exists(path)
    case "-L", "-h": return world.status(path, follows: false)?.target != nil
    case "-r": return world.status(path).map { world.user.may(.read, $0) } ?? false
    case "-w":
      return world.status(path).map { world.user.may(.write, $0) } ?? false && !world.isReadOnly(world.place(path))
    case "-x": return world.status(path).map { world.user.may(.run, $0) } ?? false
    case "-f": return world.exists(path) && !world.isDirectory(path) && Device(path: path) == nil
    case "-c": return Device(path: path) != nil
    case "-d": return world.isDirectory(path)
    case "-s": return ((try? world.read(path)) ?? "").isEmpty == false
    default: return false
    }
  }

  private static func pair(_ left: String, _ sign: String, _ right: String) -> Bool {
    switch sign {
    case "=": return left == right
    case "==": return Glob.matches(right, left)
    case "=~": return RegularExpression(right, isExtended: true)?.matches(left) == true
    case "!=": return !Glob.matches(right, left)
    case "<": return left < right
    case ">": return left > right
    default: break
    }
    guard let first = Int(left), let second = Int(right) else { return false }
    switch sign {
    case "-eq": return first == second
    case "-ne": return first != second
    case "-lt": return first < second
    case "-le": return first <= second
    case "-gt": return first > second
    case "-ge": return first >= second
    default: return false
    }
  }
}
