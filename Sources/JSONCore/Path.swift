/// Where a value stands in an object, printed as Kubernetes prints it: `spec.containers[0].env[PATH].value`.
///
/// Validation makes a path for every value it looks at and shows hardly any of them, so a path is only a chain of steps
/// until somebody wants to read it; and where nobody will, it is nothing at all.
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

  private enum Place: Sendable {
    case root
    case unseen
    case node(Node)
  }

  private let place: Place

  private init(_ place: Place) { self.place = place }

  public init(_ text: String = "") {
    place = text.isEmpty ? .root : .node(Node(Path(.root), .child(text)))
  }

  public static let root = Path(.root)

  /// For a look that asks only whether there is something to tell: no path below it costs anything or can be read.
  public static let unseen = Path(.unseen)

  private func adding(_ step: @autoclosure () -> Step) -> Path {
    if case .unseen = place { return self }
    return Path(.node(Node(self, step())))
  }

  /// A field of an object: `spec` + `replicas`.
  public func child(_ field: String) -> Path { adding(.child(field)) }

  /// An element of a list: `containers[0]`.
  public func index(_ index: Int) -> Path { adding(.index(index)) }

  /// An entry of a map: `limits[cpu]`.
  public func key(_ key: String) -> Path { adding(.key(key)) }

  public var isRoot: Bool { if case .root = place { true } else { false } }

  public var description: String {
    guard case .node(let node) = place else { return "" }
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
