/// Where a value stands in an object, printed as Kubernetes prints it: `spec.containers[0].env[PATH].value`.
///
/// Validation makes a path for every value it looks at and shows hardly any of them, so a path is only a chain of steps
/// until somebody wants to read it.
public struct Path: Sendable, CustomStringConvertible {
  private enum Step: Sendable {
    case child(String)
    case index(Int)
    case key(String)
  }

  private final class Node: Sendable {
    let parent: Path
    let step: Step

    init(_ parent: Path, _ step: Step) {
      self.parent = parent
      self.step = step
    }
  }

  private let node: Node?

  private init(node: Node?) { self.node = node }

  public init(_ text: String = "") {
    node = text.isEmpty ? nil : Node(Path(node: nil), .child(text))
  }

  public static let root = Path()

  /// A field of an object: `spec` + `replicas`.
  public func child(_ field: String) -> Path { Path(node: Node(self, .child(field))) }

  /// An element of a list: `containers[0]`.
  public func index(_ index: Int) -> Path { Path(node: Node(self, .index(index))) }

  /// An entry of a map: `limits[cpu]`.
  public func key(_ key: String) -> Path { Path(node: Node(self, .key(key))) }

  public var description: String {
    guard let node else { return "" }
    let start = node.parent.description
    switch node.step {
    case .child(let field): return start.isEmpty ? field : start + "." + field
    case .index(let index): return "\(start)[\(index)]"
    case .key(let key): return "\(start)[\(key)]"
    }
  }
}

extension Path: Hashable {
  public static func == (left: Path, right: Path) -> Bool { left.description == right.description }
  public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

extension Path: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(value) }
}
