import Values

/// What name servers say: `nslookup`, `host`, `dig`, `getent`.
extension ShellCommands {
  static let names: [String: SimulatedCommand] = [
    "nslookup": lookup, "host": lookup, "dig": dig,
    "getent": { shell, arguments, world in
      guard ["hosts", "ahosts", "ahostsv4"].contains(arguments.first), let host = arguments[safelyAt: 1] else {
        return 1
      }
      let addresses = world.network.addresses(of: host)
      for address in addresses { shell.print("\(address)  \(host)", &world) }
      return addresses.isEmpty ? 2 : 0
    },
  ]

  /// `10.96.0.9` as names are looked up by: `9.0.96.10.in-addr.arpa`; nil for what is no address.
  private static func reversed(_ host: String) -> String? {
    let parts = host.split(separator: ".")
    guard parts.count == 4, parts.allSatisfy({ Int($0) != nil }) else { return nil }
    return parts.reversed().joined(separator: ".") + ".in-addr.arpa"
  }

  private static func server(_ world: ShellWorld) -> String {
    let lines = ((try? world.read("etc/resolv.conf")) ?? "").split(separator: "\n")
    return lines.first { $0.hasPrefix("nameserver ") }.map { String($0.dropFirst(11)) } ?? PodSystemFiles.nameServer
  }

  private static let lookup: SimulatedCommand = { shell, arguments, world in
    var kind = NameRecord.Kind.address
    for (index, word) in arguments.enumerated() {
      let named =
        word.lowercased().hasPrefix("-type=")
        ? word.dropFirst(6) : word == "-t" ? arguments[safelyAt: index + 1]?[...] ?? "" : ""
      kind = NameRecord.Kind(rawValue: named.uppercased()) ?? kind
    }
    let words = arguments.enumerated().filter { $0.offset == 0 || arguments[$0.offset - 1] != "-t" }.map(\.element)
    guard let host = words.first(where: { !$0.hasPrefix("-") }) else { return 0 }
    shell.print("Server:\t\t\(server(world))\nAddress:\t\(server(world)):53\n", &world)
    let isAddress = reversed(host)
    let records = world.network.records(isAddress ?? host, isAddress == nil ? kind : .pointer, searches: true)
    if records.isEmpty {
      shell.print("** server can't find \(isAddress ?? host): NXDOMAIN\n", &world)
      return 1
    }
    for record in records {
      switch record.kind {
      case .address, .address6: shell.print("Name:\t\(record.name)\nAddress: \(record.value)\n", &world)
      case .alias: shell.print("\(record.name)\tcanonical name = \(plain(record.value))", &world)
      case .service: shell.print("\(record.name)\tservice = \(record.value)", &world)
      case .pointer: shell.print("\(record.name)\tname = \(plain(record.value))", &world)
      case .text: shell.print("\(record.name)\ttext = \"\(record.value)\"", &world)
      }
    }
    return 0
  }

  private static func plain(_ name: String) -> String { name.hasSuffix(".") ? String(name.dropLast()) : name }

  /// `dig +short +search web A`, `dig -x 10.96.0.9`
  private static let dig: SimulatedCommand = { shell, arguments, world in
    var (name, kind) = (String?.none, NameRecord.Kind.address)
    let isShort = arguments.contains("+short")
    let searches = arguments.contains("+search")
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "-x":
        name = rest.popFirst().flatMap { reversed($0) }
        kind = .pointer
      case "-t": kind = rest.popFirst().flatMap { NameRecord.Kind(rawValue: $0.uppercased()) } ?? kind
      case "-p", "-b", "-c": _ = rest.popFirst()
      case let flag where flag.hasPrefix("+") || flag.hasPrefix("-") || flag.hasPrefix("@"): break
      default:
        if let asked = NameRecord.Kind(rawValue: word.uppercased()), name != nil {
          kind = asked
        } else if word != "IN" {
          name = word
        }
      }
    }
    guard let name else { return 0 }
    let records = world.network.records(name, kind, searches: searches)
    if isShort {
      for record in records { shell.print(record.value, &world) }
      return 0
    }
    let answers = records.map { "\(plain($0.name)).\t30\tIN\t\($0.kind.rawValue)\t\($0.value)" }
    if !arguments.contains("+noall") {
      shell.print("\n; <<>> DiG 9.20 <<>> \(arguments.joined(separator: " "))", &world)
      shell.print(
        ";; ->>HEADER<<- opcode: QUERY, status: \(records.isEmpty ? "NXDOMAIN" : "NOERROR"), id: 4711\n", &world)
      shell.print(";; QUESTION SECTION:\n;\(plain(name)).\t\tIN\t\(kind.rawValue)\n", &world)
      if !records.isEmpty { shell.print(";; ANSWER SECTION:", &world) }
    }
    for answer in answers { shell.print(answer, &world) }
    if !arguments.contains("+noall") { shell.print("\n;; SERVER: \(server(world))#53(\(server(world)))", &world) }
    return 0
  }
}
