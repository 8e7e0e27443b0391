/// The address of an object in the store. Keys of one resource sort by namespace, then name.
public struct Key: Hashable, Sendable, CustomStringConvertible {
  public let resource: GroupResource
  /// "" for cluster-scoped objects.
  public let namespace: String
  public let name: String

  public init(_ resource: GroupResource, namespace: String = "", name: String) {
    self.resource = resource
    self.namespace = namespace
    self.name = name
  }

  /// `pods default/web-0`, `nodes node-1`
  public var description: String { namespace.isEmpty ? "\(resource) \(name)" : "\(resource) \(namespace)/\(name)" }

  /// The order of a list: namespace, then name (both are ASCII by the rules for names).
  public static func precedes(_ left: Key, _ right: Key) -> Bool {
    left.namespace == right.namespace ? left.name < right.name : left.namespace < right.namespace
  }
}
