import JSONCore
import Values

/// What a probe asks, how often, and how many equal answers count.
public struct Probe: Sendable {
  public enum Handler: Sendable, Equatable {
    case command([String])
    /// - Parameter host: "" for the pod itself.
    case http(path: String, port: JSON, scheme: String, host: String = "")
    case tcp(JSON)
    case grpc(JSON)
  }

  public let handler: Handler?
  public let initialDelay: Duration
  public let period: Duration
  public let timeout: Duration
  public let successThreshold: Int
  public let failureThreshold: Int
  /// Overrides the pod's grace when the probe gets the container killed.
  public let gracePeriodSeconds: Int?

  init(_ json: JSON) {
    handler = Handler(json)
    initialDelay = .seconds(max(0, json["initialDelaySeconds"]?.int ?? 0))
    period = .seconds(max(1, json["periodSeconds"]?.int ?? 10))
    timeout = .seconds(max(1, json["timeoutSeconds"]?.int ?? 1))
    successThreshold = max(1, json["successThreshold"]?.int ?? 1)
    failureThreshold = max(1, json["failureThreshold"]?.int ?? 3)
    gracePeriodSeconds = json["terminationGracePeriodSeconds"]?.int
  }
}

extension Probe.Handler {
  /// nil when the object names none.
  init?(_ json: JSON) {
    if let exec = json["exec"] {
      self = .command(exec.list("command").compactMap(\.string))
    } else if let http = json["httpGet"] {
      let path = http.text("path")
      let scheme = http.text("scheme").lowercased()
      self = .http(
        path: path.isEmpty ? "/" : path, port: http["port"] ?? .null, scheme: scheme.isEmpty ? "http" : scheme,
        host: http.text("host"))
    } else if let tcp = json["tcpSocket"] {
      self = .tcp(tcp["port"] ?? .null)
    } else if let grpc = json["grpc"] {
      self = .grpc(grpc["port"] ?? .null)
    } else {
      return nil
    }
  }
}

/// What is done right after a container has started, or before it is stopped.
public enum Hook: Sendable, Equatable {
  case sleep(Duration)
  case command([String])
  /// A request to the container itself.
  case request(Probe.Handler)

  init(_ json: JSON) {
    if let seconds = json.at("sleep", "seconds")?.int {
      self = .sleep(.seconds(max(0, seconds)))
    } else if let handler = Probe.Handler(json) {
      if case .command(let words) = handler { self = .command(words) } else { self = .request(handler) }
    } else {
      self = .sleep(.zero)
    }
  }
}

/// `restartPolicyRules`: restart after these exit codes, or after all but these.
public struct RestartRule: Sendable, Equatable {
  private let isNotIn: Bool
  private let codes: [Int]

  init(_ json: JSON) {
    isNotIn = json.at("exitCodes", "operator")?.string == "NotIn"
    codes = json["exitCodes"]?.list("values").compactMap(\.int) ?? []
  }

  func matches(_ code: Int) -> Bool { codes.contains(code) != isNotIn }
}
