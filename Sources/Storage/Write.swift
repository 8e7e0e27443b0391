import JSONCore
import Objects

/// One change that someone wants to make.
public struct Write: Sendable {
  public enum Operation: Sendable {
    /// The object must not exist.
    case create(JSON)
    /// The object must be in the state of revision `expected`, from which the new one was made.
    case update(JSON, expected: Int64)
    /// As `update`, by one who has the bytes.
    case overwrite(Draft, expected: Int64)
    /// - expected: the revision that the object must have; nil takes any.
    case delete(expected: Int64?)
  }

  /// A last word on a write, spoken on the store loop: it sees the newest state, earlier writes of the same batch
  /// included, and nothing can come between it and the write. It must be short.
  public typealias Check = @Sendable (Snapshot) throws(Status) -> Void

  public var key: Key
  public var operation: Operation
  public var check: Check?
  /// The only resources that the check looks at; nil when it may look at any.
  public var checked: Set<GroupResource>?

  public init(_ key: Key, _ operation: Operation, check: Check? = nil, of checked: Set<GroupResource>? = nil) {
    self.key = key
    self.operation = operation
    self.check = check
    self.checked = checked
  }
}
