/// `apk add curl`, `apt-get install -y curl`: what is installed is there from then on.
extension ShellCommands {
  static let packages: [String: SimulatedCommand] = [
    "apk": installer("add"), "apt": installer("install"), "apt-get": installer("install"), "yum": installer("install"),
    "dnf": installer("install"), "pip": installer("install"), "pip3": installer("install"),
  ]

  /// What comes with a package that does not bear its name.
  private static let programs: [String: [String]] = [
    "bind-tools": ["dig", "nslookup", "host"], "dnsutils": ["dig", "nslookup", "host"], "bind9-dnsutils": ["dig"],
    "bind9-host": ["host"], "iputils-ping": ["ping"], "iproute2": ["ip"], "net-tools": ["ifconfig", "netstat"],
    "netcat": ["nc"], "netcat-openbsd": ["nc"], "netcat-traditional": ["nc"], "python3": ["python3", "python"],
    "nodejs": ["node"], "openssh-client": ["ssh"], "postgresql-client": ["psql", "pg_isready"],
    "mysql-client": ["mysql", "mysqladmin"], "redis-tools": ["redis-cli"], "redis": ["redis-cli"], "vim": ["vi"],
    "default-jre": ["java"], "golang": ["go"], "build-essential": ["make", "gcc"],
  ]
  private static let time = Duration.seconds(2)

  private static func installer(_ verb: String) -> SimulatedCommand {
    { shell, arguments, world in
      let words = arguments.filter { !$0.hasPrefix("-") }
      guard words.first == verb else { return 0 }
      for package in words.dropFirst() {
        let name = String(package.prefix { $0 != "=" && $0 != "<" && $0 != ">" })
        for program in programs[name] ?? [name] where !program.contains("/") {
          // A volume over the folder, or a full disk, is no matter: then it stays missing.
          try? world.write("usr/bin/" + program, "")
        }
        shell.print("(\(name) is installed, as far as it is simulated)", &world)
      }
      shell.pending.append(.wait(time))
      return 0
    }
  }
}
