import JSONCore
import Objects
import Values

/// What users say of a simulated pod and its containers: annotations `sim.swiftlet.dev/<key>`, and
/// `sim.swiftlet.dev/<container>.<key>` for one container alone. `SimulationSettings` has the list of them.
struct Annotations: Sendable {
  static let prefix = SimulationSettings.prefix

  private let all: [String: String]
  private let container: String

  init(_ pod: PodSpecification, container: String) { self.init(pod.wishes, container: container) }

  init(_ pod: JSON, container: String) {
    self.init(pod["metadata"]?.strings("annotations") ?? [:], container: container)
  }

  private init(_ all: [String: String], container: String) {
    self.all = all
    self.container = container
  }

  subscript(key: String) -> String? { all["\(Self.prefix)\(container).\(key)"] ?? all[Self.prefix + key] }

  /// Seconds, with fractions; nil when it is no number.
  func time(_ key: String) -> Duration? {
    guard let seconds = self[key].flatMap({ Double($0) }), !seconds.isNaN else { return nil }
    return .seconds(min(max(seconds, 0), 1e9))
  }

  func int(_ key: String) -> Int? { self[key].flatMap { Int($0) } }
}

/// What users say of a simulated node, by annotations on it.
///
/// | annotation `sim.swiftlet.dev/…` | meaning |
/// |---|---|
/// | `unreachable` | the node stops answering, as if its network were gone, until the annotation goes |
/// | `not-ready` | the node reports Ready=False with this message (`true`: a usual one) |
/// | `memory-pressure`, `disk-pressure`, `pid-pressure` | the node reports this condition |
struct NodeSigns: Sendable, Equatable {
  private let all: [String: String]

  init(_ node: JSON) {
    all = (node["metadata"]?.strings("annotations") ?? [:]).filter { $0.key.hasPrefix(Annotations.prefix) }
  }

  /// Any value but `false` counts as yes.
  func has(_ key: String) -> Bool { all[Annotations.prefix + key].map { $0 != "false" } ?? false }

  subscript(key: String) -> String? { all[Annotations.prefix + key] }

  var isUnreachable: Bool { has("unreachable") }
}
