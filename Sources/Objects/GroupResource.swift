import Synchronization

/// A resource of an API group, whatever its version: `deployments` of `apps`. Objects are stored under it.
///
/// Names are interned, so that comparing, hashing and indexing are those of a small integer.
public struct GroupResource: Hashable, Sendable, CustomStringConvertible {
  /// The position in the intern table; dense from 0, stable for the life of the process.
  public let index: Int

  /// - Parameter group: "" for the core group.
  public init(_ group: String, _ resource: String) {
    index = Self.table.withLock { $0.intern(Name(group: group, resource: resource)) }
  }

  public var group: String { name.group }

  /// The plural, lower-case name: `pods`.
  public var resource: String { name.resource }

  /// `pods`, `deployments.apps`: how errors and kubectl name it.
  public var description: String { name.group.isEmpty ? name.resource : "\(name.resource).\(name.group)" }

  private var name: Name { Self.table.withLock { $0.names[index] } }

  private struct Name: Hashable {
    var group: String
    var resource: String
  }

  private struct Table {
    var names: [Name] = []
    var indices: [Name: Int] = [:]

    mutating func intern(_ name: Name) -> Int {
      if let index = indices[name] { return index }
      names.append(name)
      indices[name] = names.count - 1
      return names.count - 1
    }
  }

  private static let table = Mutex(Table())
}
