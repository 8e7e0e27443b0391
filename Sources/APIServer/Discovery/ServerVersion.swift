import JSONCore

/// What `/version` says. Clients compare it with their own and warn when they are more than a minor version apart.
public struct ServerVersion: Sendable {
  public var major = "1"
  public var minor = "36"
  /// With a `v` in front; it must read as a semantic version.
  public var gitVersion = "v1.36.2+swiftlet"
  public var gitCommit = ""
  public var buildDate = "1970-01-01T00:00:00Z"
  public var platform: String

  public init() {
    #if arch(arm64)
      platform = "linux/arm64"
    #else
      platform = "linux/amd64"
    #endif
  }

  var json: JSON {
    [
      "major": .string(major), "minor": .string(minor), "emulationMajor": .string(major),
      "emulationMinor": .string(minor), "minCompatibilityMajor": .string(major), "minCompatibilityMinor": "35",
      "gitVersion": .string(gitVersion), "gitCommit": .string(gitCommit), "gitTreeState": "clean",
      "buildDate": .string(buildDate), "goVersion": "none", "compiler": "swiftc", "platform": .string(platform),
    ]
  }

  /// As `/metrics` shows it.
  func write(to text: inout MetricsText) {
    text.family("kubernetes_build_info", .gauge, "The version of the API that is served.")
    let labels = [
      "build_date": buildDate, "compiler": "swiftc", "git_commit": gitCommit, "git_tree_state": "clean",
      "git_version": gitVersion, "go_version": "none", "major": major, "minor": minor, "platform": platform,
    ]
    text.sample("kubernetes_build_info", labels.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }, 1)
  }
}
