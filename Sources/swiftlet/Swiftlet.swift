import ArgumentParser
import Foundation

/// The command line: `swiftlet up` and its small companions.
@main
struct Swiftlet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet", abstract: "A whole Kubernetes in one small, fast binary.",
    subcommands: [
      Up.self, ClockCommand.self, TokenCommand.self, KubeconfigCommand.self, VersionCommand.self, ExplainCommand.self,
      OpenAPICommand.self,
    ])
}

/// Where a cluster keeps its state unless told otherwise.
struct DataDirectory: ParsableArguments {
  @Option(name: .customLong("data"), help: "The directory that holds the cluster's state and secrets.")
  var path = "~/.swiftlet"

  var url: URL { URL(fileURLWithPath: path.expandingHome, isDirectory: true) }
}

/// A mistake of the person at the keyboard, told in one line.
struct UsageError: Error, CustomStringConvertible {
  var description: String
}
