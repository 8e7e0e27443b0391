import APIServer
import ArgumentParser
import Foundation
import Schemas

/// `swiftlet token`: the admin's bearer token.
struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "token", abstract: "Print the admin's bearer token.")

  @OptionGroup var data: DataDirectory

  func run() throws { print(try data.read("admin.token"), terminator: "\n") }
}

/// `swiftlet kubeconfig`: the file that kubectl needs.
struct KubeconfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kubeconfig", abstract: "Print the kubeconfig of a cluster.")

  @OptionGroup var data: DataDirectory

  func run() throws { print(try data.read("kubeconfig"), terminator: "") }
}

/// `swiftlet version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version of the Kubernetes API that is served.")

  func run() { print("swiftlet, Kubernetes \(ServerVersion().gitVersion)") }
}

/// `swiftlet explain pod.spec.containers`
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Document a kind or a field, without a server.")

  @Argument(help: "KIND[.FIELD...]: pod, deployment.spec.strategy; plural and short names will do.")
  var path: String

  func run() throws {
    let parts = path.split(separator: ".").map(String.init)
    let catalog = Catalog.builtIn
    let wanted = parts.first?.lowercased() ?? ""
    guard
      let kind = catalog.kinds.first(where: { kind in
        [kind.singular, kind.resource.resource, kind.name.lowercased()].contains(wanted)
          || kind.shortNames.contains(wanted)
      })
    else { throw UsageError(description: "there is no kind \(wanted)") }
    guard
      let explanation = OpenAPI(catalog, version: ServerVersion().gitVersion).explain(
        kind, path: Array(parts.dropFirst()))
    else {
      throw UsageError(description: "\(kind.name) has no field \(parts.dropFirst().joined(separator: "."))")
    }
    print(explanation.text)
  }
}

/// `swiftlet openapi export DIR`
struct OpenAPICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "openapi", abstract: "The documents that clients are generated from.", subcommands: [Export.self])

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write the OpenAPI documents into a directory.")

    @Argument(help: "The directory.")
    var directory: String

    func run() throws {
      let base = URL(fileURLWithPath: directory, isDirectory: true)
      for file in try OpenAPI(.builtIn, version: ServerVersion().gitVersion).exported() {
        let url = base.appendingPathComponent(file.name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(file.bytes).write(to: url)
      }
    }
  }
}

extension DataDirectory {
  func read(_ name: String) throws -> String {
    let file = url.appendingPathComponent(name)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw UsageError(
        description: "\(file.path) is not there: start a cluster first with `swiftlet up --data \(path)`")
    }
    return try String(contentsOf: file, encoding: .utf8)
  }
}

extension Explanation {
  /// As a person reads it in a terminal.
  var text: String {
    var lines = ["KIND:     \(kind.kind)", "VERSION:  \(kind.apiVersion)", ""]
    if !type.isEmpty { lines.append("TYPE:     <\(type)>") }
    lines.append(documentation)
    if !fields.isEmpty { lines += ["", "FIELDS:"] }
    let width = fields.map { $0.name.count + $0.type.count + 3 }.max() ?? 0
    for field in fields {
      let head = "\(field.name) <\(field.type)>".padding(toLength: width, withPad: " ", startingAt: 0)
      lines.append("  \(head)  \(field.isRequired ? "(required) " : "")\(field.documentation)")
    }
    return lines.joined(separator: "\n")
  }
}
