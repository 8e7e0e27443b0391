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

/// `swiftlet explain pod.spec.containers`, `swiftlet explain --search "node selector"`
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Document a kind or a field, or find one, without a server.")

  @Argument(help: "KIND[.FIELD...]: pod, deployment.spec.strategy; plural and short names will do.")
  var path: String?

  @Option(help: "Find kinds and fields by words of their names, paths or sentences.")
  var search: String?

  @Option(help: "How many to show of what a search finds.")
  var limit = 20

  mutating func validate() throws {
    if (path == nil) == (search == nil) { throw ValidationError("say either KIND[.FIELD...] or --search WORDS") }
    if limit < 1 { throw ValidationError("--limit must be at least 1") }
  }

  func run() throws {
    if let search { return try find(search) }
    let parts = (path ?? "").split(separator: ".").map(String.init)
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
    print(explanation.text(path: parts.joined(separator: ".")))
  }

  private func find(_ words: String) throws {
    let catalog = Catalog.builtIn
    let (total, found) = OpenAPI(catalog, version: ServerVersion().gitVersion).search(words, limit: limit)
    if found.isEmpty { throw UsageError(description: "nothing is about \(words)") }
    for match in found {
      print("\(match.place.text(catalog)) <\(match.line.type)>\(match.line.remarks)")
      print("    \(match.line.documentation)")
      if let other = match.others.first {
        let more = match.others.count > 1 ? ", …" : ""
        print("    also: \(other.text(catalog))\(more)")
      }
    }
    if total > found.count { print("\n\(total - found.count) more: --limit \(total)") }
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
  /// - Parameter path: what was asked for.
  func text(path: String) -> String {
    var lines = ["KIND:     \(kind.kind)", "VERSION:  \(kind.apiVersion)", ""]
    if let field { lines.append("FIELD:    \(field.name) <\(field.type)>\(field.remarks)") }
    lines.append(documentation)
    if fields.isEmpty { return lines.joined(separator: "\n") }
    lines += ["", "FIELDS:"]
    let width = fields.map { $0.name.count + $0.type.count + 3 }.max() ?? 0
    for field in fields {
      let head = "\(field.name) <\(field.type)>".padding(toLength: width, withPad: " ", startingAt: 0)
      lines.append("  \(head)  \(field.documentation)\(field.remarks)")
    }
    if let deeper = fields.first(where: \.hasFields) {
      lines += ["", "MORE:     swiftlet explain \(path).\(deeper.name)"]
    }
    return lines.joined(separator: "\n")
  }
}

extension Explanation.Line {
  /// What a value must keep to, and what it is when nobody says: ` (required; default: 1)`.
  var remarks: String {
    var remarks = isRequired ? ["required"] : []
    if let defaultValue { remarks.append("default: \(defaultValue.text)") }
    if !allowedValues.isEmpty { remarks.append("one of: \(allowedValues.joined(separator: ", "))") }
    if let minimum { remarks.append("from \(minimum)") }
    if let maximum { remarks.append("to \(maximum)") }
    return remarks.isEmpty ? "" : " (\(remarks.joined(separator: "; ")))"
  }
}

extension FoundField.Place {
  /// As `explain` takes it: `pod.spec.nodeSelector`.
  func text(_ catalog: Catalog) -> String {
    let name = catalog.kind(group: kind.group, version: kind.version, kind: kind.kind)?.singular ?? kind.kind
    return ([name] + path).joined(separator: ".")
  }
}
