import ArgumentParser

/// The command line.
@main
struct Swiftlet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet", abstract: "A whole Kubernetes in one small, fast binary.")
}
