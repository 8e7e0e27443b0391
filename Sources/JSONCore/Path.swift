/// Where a value stands in an object, printed as Kubernetes prints it: `spec.containers[0].env[PATH].value`.
public struct Path: Sendable, Hashable, CustomStringConvertible {
  public private(set) var description: String

  public init(_ text: String = "") { description = text }

  public static let root = Path()

  /// A field of an object: `spec` + `replicas`.
  public func child(_ field: String) -> Path { Path(description.isEmpty ? field : description + "." + field) }

  /// An element of a list: `containers[0]`.
  public func index(_ index: Int) -> Path { Path("\(description)[\(index)]") }

  /// An entry of a map: `limits[cpu]`.
  public func key(_ key: String) -> Path { Path("\(description)[\(key)]") }
}

extension Path: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(value) }
}
