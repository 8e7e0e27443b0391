/// What users can say of simulated pods and nodes by annotations `sim.swiftlet.dev/…`: the names, and how their values read.
/// What they mean stands where they are used.
public enum SimulationSettings {
  public static let prefix = "sim.swiftlet.dev/"

  /// How a value reads.
  public enum Form: Sendable {
    case text
    /// With fractions.
    case seconds
    case number(ClosedRange<Int>)
    /// `250m`, or `80%` of what is requested.
    case amount
    /// `succeed`, `fail`, `fail: message`
    case verdict
    /// `8080,9090`
    case ports
  }

  /// On pods: for all containers, or, as `CONTAINER.KEY`, for one.
  public static let ofContainers: [String: Form] = [
    "run-seconds": .seconds, "exit-code": .number(0...255), "oom-after-seconds": .seconds, "start-error": .text,
    "pull-error": .text, "pull-seconds": .seconds, "readiness": .verdict, "liveness": .verdict, "startup": .verdict,
    "ready-after-seconds": .seconds, "unready-after-seconds": .seconds, "unhealthy-after-seconds": .seconds,
    "response-seconds": .seconds, "stop-seconds": .seconds, "cpu": .amount, "memory": .amount, "log": .text,
    "log-every-seconds": .seconds, "listen": .ports, "response": .text, "response-code": .number(100...599),
    "response-type": .text,
  ]

  /// On pods, for them as a whole.
  public static let ofPods: [String: Form] = ["evict": .text]

  public static let ofNodes: [String: Form] = [
    "unreachable": .text, "not-ready": .text, "memory-pressure": .text, "disk-pressure": .text, "pid-pressure": .text,
  ]
}

extension SimulationSettings.Form {
  /// Whether a value can be read.
  public func reads(_ text: String) -> Bool {
    switch self {
    case .text: true
    case .seconds: Double(text).map { $0 >= 0 } ?? false
    case .number(let range): Int(text).map(range.contains) ?? false
    case .amount: Self.isAmount(text)
    case .verdict: text == "succeed" || text.hasPrefix("fail")
    case .ports:
      text.split { $0 == "," || $0 == " " }.allSatisfy { Int($0).map((1...65535).contains) ?? false }
    }
  }

  private static func isAmount(_ text: String) -> Bool {
    if text.last == "%" { return Int(text.dropLast()).map((0...100_000).contains) ?? false }
    return Quantity(.string(text)).map { $0 >= .zero } ?? false
  }

  /// What is asked for, for those who wrote something else.
  public var wish: String {
    switch self {
    case .text: "a text"
    case .seconds: "a number of seconds"
    case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .amount: "an amount (250m, 300Mi) or a share of the request (80%)"
    case .verdict: "succeed, fail, or fail: MESSAGE"
    case .ports: "port numbers with commas between them"
    }
  }
}
