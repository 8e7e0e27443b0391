import Credentials
import Foundation
import Yams

extension Kubeconfig {
  /// Puts the cluster, its user and its context, all named `swiftlet`, into a kubeconfig that may hold others, which stay as
  /// they are, and makes it the current one.
  /// - Throws: when the file is there and is not a kubeconfig; it is left alone then.
  func merge(into url: URL) throws {
    // Replacing a link would part it from what it points to.
    let url = url.resolvingSymlinksInPath()
    let own = try Node.Mapping(kubeconfig: yaml, at: "the new kubeconfig")
    guard FileManager.default.fileExists(atPath: url.path) else { return try PrivateFile.write(yaml, to: url) }
    let text = try String(contentsOf: url, encoding: .utf8)
    if text.allSatisfy(\.isWhitespace) { return try PrivateFile.write(yaml, to: url) }
    var config = try Node.Mapping(kubeconfig: text, at: url.path)
    for list in ["clusters", "users", "contexts"] {
      if let node = config[Node(list)], node.sequence == nil, node.null == nil {
        throw UsageError(description: "\(url.path): \(list) is not a list, so the file is left alone")
      }
      let kept = (config[Node(list)]?.sequence ?? []).filter { $0.mapping?["name"]?.string != Self.name }
      config[Node(list)] = Node(Array(kept) + Array(own[Node(list)]?.sequence ?? []))
    }
    config["current-context"] = Node(Self.name)
    for field in ["apiVersion", "kind"] where config[Node(field)] == nil { config[Node(field)] = own[Node(field)] }
    try PrivateFile.write(try Yams.serialize(node: Node.mapping(config)), to: url)
  }

  private static let name = "swiftlet"
}

extension Node.Mapping {
  fileprivate init(kubeconfig text: String, at path: String) throws {
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw UsageError(description: "\(path) is not YAML, so it is left alone: \(error)")
    }
    guard let mapping = node?.mapping, mapping["kind"].map({ $0.string == "Config" }) ?? true else {
      throw UsageError(description: "\(path) is not a kubeconfig, so it is left alone; choose another --kubeconfig")
    }
    self = mapping
  }
}
