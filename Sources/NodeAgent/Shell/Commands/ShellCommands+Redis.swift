/// `redis-cli`: asks whether the server is up, and keeps a few values in the files of the container it runs in.
extension ShellCommands {
  private static let folder = "data/.redis"
  private static let port = 6379

  static let redis: [String: SimulatedCommand] = ["redis-cli": ask]

  private static let ask: SimulatedCommand = { shell, arguments, world in
    var (host, number) = ("127.0.0.1", port)
    var words = arguments[...]
    while let option = words.first, option.hasPrefix("-") {
      words = words.dropFirst()
      guard ["-h", "-p", "-a", "-n", "-u"].contains(option) else { continue }
      let value = words.popFirst() ?? ""
      if option == "-h" { host = value }
      if option == "-p" { number = Int(value) ?? number }
    }
    if !isListening(host, number, shell, &world) {
      return shell.fail("Could not connect to Redis at \(host):\(number): Connection refused", &world)
    }
    if !words.isEmpty {
      shell.print(reply(Array(words), &world), &world)
      return 0
    }
    for line in shell.input.split(separator: "\n") {
      shell.print(reply(line.split(separator: " ").map(String.init), &world), &world)
    }
    return 0
  }

  private static func reply(_ words: [String], _ world: inout ShellWorld) -> String {
    let key = words[safelyAt: 1] ?? ""
    let file = "\(folder)/\(key.replacing("/", with: "%"))"
    switch words.first?.uppercased() ?? "" {
    case "PING": return words[safelyAt: 1] ?? "PONG"
    case "ECHO": return key
    case "SET" where words.count >= 3: return keep(file, words[2], &world) ? "OK" : "ERR out of memory"
    case "GET" where words.count == 2: return (try? world.read(file)) ?? ""
    case "INCR" where words.count == 2:
      let next = ((try? world.read(file)).flatMap { Int($0) } ?? 0) &+ 1
      return keep(file, String(next), &world) ? String(next) : "ERR out of memory"
    case "EXISTS" where words.count == 2: return world.exists(file) ? "1" : "0"
    case "DEL" where words.count == 2:
      do throws(ShellWorld.Failure) { try world.remove(file) } catch { return "0" }
      return "1"
    case "KEYS": return world.names(in: folder).joined(separator: "\n")
    case "DBSIZE": return String(world.names(in: folder).count)
    case "CONFIG" where words.count == 3: return "\(words[2])\n\(setting(words[2], world))"
    case "INFO": return "# Server\nredis_version:8.0.0\nredis_mode:standalone\nrole:master"
    case let name: return "ERR unknown command '\(name.lowercased())', with args beginning with: "
    }
  }

  private static func keep(_ file: String, _ value: String, _ world: inout ShellWorld) -> Bool {
    do throws(ShellWorld.Failure) {
      try world.makeDirectory(folder)
      try world.write(file, value)
      return true
    } catch { return false }
  }

  /// What the file says that the server was started with.
  private static func setting(_ name: String, _ world: ShellWorld) -> String {
    let usual = [
      "maxmemory": "0", "maxmemory-policy": "noeviction", "appendonly": "no", "save": "3600 1 300 100 60 10000",
    ]
    let file = (world.main.command + world.main.arguments).first { $0.hasSuffix(".conf") } ?? ""
    let lines = ((try? world.read(file.split(separator: "/").joined(separator: "/"))) ?? "").split(separator: "\n")
    let line = lines.first { $0.hasPrefix(name + " ") }
    guard let value = line.map({ String($0.dropFirst(name.count + 1)) }) else { return usual[name] ?? "" }
    guard name == "maxmemory", let factor = ["kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30][String(value.suffix(2))],
      let number = Int(value.dropLast(2))
    else { return value }
    return String(number.multipliedReportingOverflow(by: factor).partialValue)
  }
}
