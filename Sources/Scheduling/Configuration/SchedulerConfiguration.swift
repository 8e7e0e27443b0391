import JSONCore
import Values

/// How the scheduler works: a part of `kubescheduler.config.k8s.io/v1` KubeSchedulerConfiguration.
public struct SchedulerConfiguration: Sendable {
  public var profiles = [Profile.stock]
  /// A pod that could not be placed waits this long, then twice as long with each failure, up to the maximum.
  public var initialBackoff = Duration.seconds(1)
  public var maximumBackoff = Duration.seconds(10)

  public static let stock = SchedulerConfiguration()

  public init() {}

  /// Reads a configuration file that was decoded already.
  /// - Throws: what is wrong with it, and where.
  public init(json: JSON) throws(ConfigurationError) {
    guard json.text("kind") == "KubeSchedulerConfiguration",
      json.text("apiVersion") == "kubescheduler.config.k8s.io/v1"
    else {
      throw ConfigurationError("not a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1")
    }
    initialBackoff = try Self.seconds(json, "podInitialBackoffSeconds") ?? initialBackoff
    maximumBackoff = try Self.seconds(json, "podMaxBackoffSeconds") ?? maximumBackoff
    if maximumBackoff < initialBackoff {
      throw ConfigurationError("podMaxBackoffSeconds: must not be less than podInitialBackoffSeconds")
    }
    let percentage = try Self.percentage(json["percentageOfNodesToScore"], "percentageOfNodesToScore")
    let list = json["profiles"]?.array ?? []
    if list.isEmpty { profiles[0].percentageOfNodesToScore = percentage ?? 0 }
    var profiles: [Profile] = []
    for (index, item) in list.enumerated() {
      var profile = try Profile(item, "profiles[\(index)]")
      profile.percentageOfNodesToScore =
        try Self.percentage(item["percentageOfNodesToScore"], "profiles[\(index)].percentageOfNodesToScore")
        ?? percentage ?? 0
      if profiles.contains(where: { $0.name == profile.name }) {
        throw ConfigurationError("profiles[\(index)].schedulerName: \"\(profile.name)\" is given twice")
      }
      profiles.append(profile)
    }
    if !profiles.isEmpty { self.profiles = profiles }
  }

  private static func seconds(_ json: JSON, _ field: String) throws(ConfigurationError) -> Duration? {
    guard let value = json[field] else { return nil }
    guard let seconds = value.int, (1...86_400).contains(seconds) else {
      throw ConfigurationError("\(field): must be a number of seconds, at least 1")
    }
    return .seconds(seconds)
  }

  private static func percentage(_ value: JSON?, _ field: String) throws(ConfigurationError) -> Int? {
    guard let value else { return nil }
    guard let percent = value.int, (0...100).contains(percent) else {
      throw ConfigurationError("\(field): must be between 0 and 100")
    }
    return percent
  }
}

/// What is wrong with a scheduler's configuration.
public struct ConfigurationError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
