import ArgumentParser
import HTTPServer

/// What `swiftlet up` was told, checked.
struct ClusterOptions: ParsableArguments {
  @OptionGroup var data: DataDirectory

  @Flag(help: "Keep nothing on disk.")
  var ephemeral = false

  @Option(name: .customLong("http"), help: "Address of the clear-text server; port 0 picks a free one.")
  var clear = Address(host: "127.0.0.1", port: 8080)

  @Option(name: .customLong("https"), help: "Address of the TLS server.")
  var secure = Address(host: "127.0.0.1", port: 6443)

  @Option(help: "How many simulated nodes to run.")
  var nodes = 3

  @Option(
    help: "Where to write the kubeconfig, beside what other clusters the file has; by default into the data directory.")
  var kubeconfig: String?

  @Flag(name: .customLong("no-auth"), help: "Everyone is an admin; loopback addresses only.")
  var noAuth = false

  @Option(help: "Controllers to run, as in kube-controller-manager: *, name, -name; comma separated.")
  var controllers = ControllerChoice.all

  @Option(
    help: """
      Make the run repeatable: names, UIDs and addresses come from this number, time starts at 2026-01-01 and stands \
      still until `swiftlet clock` lets it pass.
      """)
  var seed: UInt64?

  @Option(
    parsing: .unconditional,
    help: """
      When the time of a new cluster begins: 2026-01-01T00:00:00Z, or -90d for so long ago. What is advanced later then \
      lies in the past of this machine too, and kubectl shows ages where it would say <invalid>.
      """)
  var startTime: StartTime?

  @Option(help: "How to schedule: a kubescheduler.config.k8s.io/v1 KubeSchedulerConfiguration (YAML).")
  var schedulerConfig: String?

  @Option(help: "Write down who did what, by the rules of this audit.k8s.io/v1 Policy (YAML).")
  var auditPolicy: String?

  @Option(help: "Where to: a file of JSON lines, or - for the standard output.")
  var auditLog: String?

  @Option(help: "Serve the dashboard's files from this directory instead of those in the binary.")
  var dashboard: String?

  /// Simulated nodes beyond this make no sense on one machine.
  static let maximumNodes = 10_000

  mutating func validate() throws {
    guard (0...Self.maximumNodes).contains(nodes) else {
      throw ValidationError("--nodes must be between 0 and \(Self.maximumNodes)")
    }
    let unknown = controllers.unknown
    if !unknown.isEmpty {
      throw ValidationError(
        "--controllers: there is no \(unknown.joined(separator: ", ")); known are *, "
          + ControllerChoice.known.joined(separator: ", "))
    }
    if (auditPolicy == nil) != (auditLog == nil) {
      throw ValidationError("--audit-policy and --audit-log go together")
    }
    if noAuth {
      for address in [clear, secure] where !address.isLoopback {
        throw ValidationError(
          "--no-auth makes everyone an admin, so it is refused on \(address): use a loopback address")
      }
    }
  }
}

/// `HOST:PORT` with a numeric address: `127.0.0.1:8080`, `[::1]:0`.
struct Address: ExpressibleByArgument, CustomStringConvertible {
  var host: String
  var port: Int

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  init?(argument: String) {
    guard let colon = argument.lastIndex(of: ":"), let port = Int(argument[argument.index(after: colon)...]),
      (0...65535).contains(port)
    else { return nil }
    var host = String(argument[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    if host.isEmpty { host = "0.0.0.0" }
    if host == "localhost" { host = "127.0.0.1" }
    self.init(host: host, port: port)
  }

  var isLoopback: Bool { host == "::1" || host.hasPrefix("127.") }

  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// The host as a client on this machine reaches it.
  var reachable: Address {
    host == "0.0.0.0" || host == "::" ? Address(host: "127.0.0.1", port: port) : self
  }
}
