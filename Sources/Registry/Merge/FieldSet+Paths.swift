import JSONCore
import Objects

extension FieldSet {
  /// Every path of the set as conflicts print it: `.spec.template.spec.containers[name="a"].image`.
  public var paths: [String] {
    var result: [String] = []
    Self.visit(root, prefix: "", &result)
    return result
  }

  /// The paths of one level come before those below it.
  private static func visit(_ children: Members, prefix: String, _ result: inout [String]) {
    let nodes = children.map { (path: prefix + shown($0.key), node: FieldNode($0.value)) }
    for (path, node) in nodes where node.isMember { result.append(path) }
    for (path, node) in nodes where !node.children.isEmpty { visit(node.children, prefix: path, &result) }
  }

  /// A path element as structured-merge-diff prints it.
  static func shown(_ element: String) -> String {
    let content = element.dropFirst(2)
    switch element.prefix(2) {
    case "f:": return "." + content
    case "i:": return "[\(content)]"
    case "v:": return "[=\(content)]"
    default:
      guard let keys = try? JSON.parse(String(content)).object else { return "[\(content)]" }
      return "[" + keys.map { "\($0.key)=\($0.value.text)" }.joined(separator: ",") + "]"
    }
  }
}
