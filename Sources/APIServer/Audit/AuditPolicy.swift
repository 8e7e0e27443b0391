import JSONCore
import Objects
import Registry

/// Which requests are written down, and how much of them: `Policy` of `audit.k8s.io/v1`. The first rule that fits decides;
/// where none fits, nothing is written.
public struct AuditPolicy: Sendable {
  public enum Level: String, Sendable, Comparable {
    case none = "None"
    case metadata = "Metadata"
    case request = "Request"
    case requestResponse = "RequestResponse"

    private var rank: Int {
      switch self {
      case .none: 0
      case .metadata: 1
      case .request: 2
      case .requestResponse: 3
      }
    }

    public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
  }

  public enum Stage: String, Sendable {
    case requestReceived = "RequestReceived"
    case responseStarted = "ResponseStarted"
    case responseComplete = "ResponseComplete"
    case panic = "Panic"
  }

  /// What the rules say of one request.
  struct Decision: Sendable {
    var level = Level.none
    var omitted: Set<Stage> = []
    var omitsManagedFields = false
  }

  struct Rule: Sendable {
    struct Resources: Sendable {
      var group: String
      var resources: [String]
      var names: [String]
    }

    var level: Level
    var users: [String]
    var groups: [String]
    var verbs: [String]
    var namespaces: [String]
    var resources: [Resources]
    var paths: [String]
    var omitted: Set<Stage>
    var omitsManagedFields: Bool
  }

  private let rules: [Rule]

  /// - Parameter yaml: the text of the policy; JSON will do.
  /// - Throws: 400 or 422 with what is wrong with it.
  public init(yaml: [UInt8]) throws(Status) { try self.init(json: YAML.read(yaml).json) }

  init(json: JSON) throws(Status) {
    guard json.text("kind") == "Policy", json.text("apiVersion") == "audit.k8s.io/v1" else {
      throw .badRequest("an audit policy is of kind Policy and apiVersion audit.k8s.io/v1")
    }
    let omitted = try Self.stages(json)
    let omitsManagedFields = json["omitManagedFields"]?.bool ?? false
    var rules: [Rule] = []
    for (index, rule) in json.list("rules").enumerated() {
      let text = rule.text("level")
      guard let level = Level(rawValue: text) else {
        throw .badRequest("rules[\(index)].level: Unsupported value: \(Status.quoted(text))")
      }
      let resources = rule.list("resources").map { entry in
        Rule.Resources(
          group: entry.text("group"), resources: Self.texts(entry, "resources"),
          names: Self.texts(entry, "resourceNames"))
      }
      let paths = Self.texts(rule, "nonResourceURLs")
      if !paths.isEmpty, !resources.isEmpty || !Self.texts(rule, "namespaces").isEmpty {
        throw .badRequest("rules[\(index)]: rules cannot apply to both regular resources and non-resource URLs")
      }
      rules.append(
        Rule(
          level: level, users: Self.texts(rule, "users"), groups: Self.texts(rule, "userGroups"),
          verbs: Self.texts(rule, "verbs"), namespaces: Self.texts(rule, "namespaces"), resources: resources,
          paths: paths, omitted: omitted.union(try Self.stages(rule)),
          omitsManagedFields: rule["omitManagedFields"]?.bool ?? omitsManagedFields))
    }
    if rules.isEmpty { throw .badRequest("an audit policy without rules writes nothing down") }
    self.rules = rules
  }

  private static func texts(_ json: JSON, _ key: String) -> [String] { json.list(key).compactMap(\.string) }

  private static func stages(_ json: JSON) throws(Status) -> Set<Stage> {
    var result: Set<Stage> = []
    for text in texts(json, "omitStages") {
      guard let stage = Stage(rawValue: text) else {
        throw .badRequest("omitStages: Unsupported value: \(Status.quoted(text))")
      }
      result.insert(stage)
    }
    return result
  }

  func decide(_ target: Target, _ caller: Caller) -> Decision {
    guard let rule = rules.first(where: { $0.fits(target, caller) }) else { return Decision() }
    return Decision(level: rule.level, omitted: rule.omitted, omitsManagedFields: rule.omitsManagedFields)
  }
}

extension AuditPolicy.Rule {
  fileprivate func fits(_ target: Target, _ caller: Caller) -> Bool {
    if !users.isEmpty, !users.contains(caller.name) { return false }
    if !groups.isEmpty, !groups.contains(where: caller.groups.contains) { return false }
    if !verbs.isEmpty, !verbs.contains(target.verb), !verbs.contains("*") { return false }
    if !namespaces.isEmpty || !resources.isEmpty { return fits(resource: target) }
    if !paths.isEmpty { return !target.isResource && paths.contains { Self.covers($0, target.path) } }
    return true
  }

  private func fits(resource target: Target) -> Bool {
    guard target.isResource else { return false }
    if !namespaces.isEmpty, !namespaces.contains(target.namespace) { return false }
    if resources.isEmpty { return true }
    return resources.contains { entry in
      guard entry.group == target.group else { return false }
      if entry.resources.isEmpty { return true }
      guard entry.names.isEmpty || entry.names.contains(target.name) else { return false }
      return entry.resources.contains { Self.names($0, target) }
    }
  }

  /// `pods`, `pods/log`, `pods/*`, `*/scale`, `*`
  private static func names(_ text: String, _ target: Target) -> Bool {
    if text == "*" { return true }
    let full = target.subresource.isEmpty ? target.resource : "\(target.resource)/\(target.subresource)"
    if text == full { return true }
    if text.hasPrefix("*/") { return !target.subresource.isEmpty && text.dropFirst(2) == target.subresource }
    return text.hasSuffix("/*") && text.dropLast(2) == target.resource
  }

  private static func covers(_ pattern: String, _ path: String) -> Bool {
    pattern.hasSuffix("*") ? path.hasPrefix(pattern.dropLast()) : pattern == path
  }
}
