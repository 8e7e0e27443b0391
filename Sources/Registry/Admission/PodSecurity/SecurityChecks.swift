import JSONCore
import Objects

/// A pod or a template, as the checks look at it.
struct SecuritySubject {
  let annotations: [String: String]
  let spec: JSON
  /// Of all kinds, in the order in which messages name them.
  let containers: [JSON]

  init(_ pod: JSON) {
    annotations = pod["metadata"]?.strings("annotations") ?? [:]
    spec = pod["spec"] ?? .emptyObject
    containers = spec.list("initContainers") + spec.list("containers") + spec.list("ephemeralContainers")
  }

  var securityContext: JSON { spec["securityContext"] ?? .emptyObject }

  var isWindows: Bool { spec["os"]?.text("name") == "windows" }

  /// Pods with users of their own are root only to themselves.
  var hasOwnUsers: Bool { spec["hostUsers"]?.bool == false }

  /// The names of the containers whose security context is like that.
  func names(where isBad: (_ context: JSON) -> Bool) -> [String] {
    containers.filter { isBad($0["securityContext"] ?? .emptyObject) }.map { $0.text("name") }
  }
}

/// What a pod has that its level does not allow.
struct SecurityViolation: Equatable {
  var reason: String
  var detail: String
}

extension [SecurityViolation] {
  var reasons: String { map(\.reason).joined(separator: ", ") }

  var details: String {
    map { $0.detail.isEmpty ? $0.reason : "\($0.reason) (\($0.detail))" }.joined(separator: ", ")
  }
}

/// One rule of the standards.
struct SecurityCheck: Sendable {
  /// Checks of one level are made in the order of their names.
  var name: String
  /// The minor version that brought it.
  var since = 0
  /// The baseline check that is part of this restricted one.
  var covers: String?
  /// The violation, by the rules of a minor version.
  var find: @Sendable (_ pod: SecuritySubject, _ minor: Int) -> SecurityViolation?
}

enum SecurityChecks {
  static func violations(of pod: SecuritySubject, _ level: SecurityLevel) -> [SecurityViolation] {
    if level.name == .privileged { return [] }
    let minor = level.minor ?? .max
    let strict = level.name == .restricted ? restricted.filter { $0.since <= minor } : []
    let covered = Set(strict.compactMap(\.covers))
    let basic = baseline.filter { $0.since <= minor && !covered.contains($0.name) }
    return (basic + strict).compactMap { $0.find(pod, minor) }
  }

  /// `container "a"`, `containers "a", "b"`
  static func containers(_ names: [String]) -> String { "\(plural("container", names.count)) \(quoted(names))" }

  /// `pod and container "a"`: those that set something, the pod first.
  static func setters(pod isBad: Bool, _ containers: [String]) -> String? {
    let setters = (isBad ? ["pod"] : []) + (containers.isEmpty ? [] : [Self.containers(containers)])
    return setters.isEmpty ? nil : setters.joined(separator: " and ")
  }

  static func plural(_ word: String, _ count: Int) -> String { count == 1 ? word : word + "s" }

  static func quoted(_ texts: [String]) -> String { texts.map { "\"\($0)\"" }.joined(separator: ", ") }
}
