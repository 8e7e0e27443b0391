import JSONCore
import Objects
import Schemas

extension Cluster {
  /// Asks those who extend admission about a request that stores nothing itself: a deletion, a binding, an eviction, a
  /// connection to a pod. They may refuse it, and that is all.
  /// - Parameters:
  ///   - object: what was sent; nil for a deletion.
  ///   - old: what would be deleted.
  /// - Returns: what the client is to be told.
  @discardableResult
  public func ask(
    _ operation: Operation, _ kind: Kind, namespace: String, name: String, subresource: String? = nil,
    _ object: JSON?, old: JSON? = nil, _ options: WriteOptions
  ) async throws(Status) -> [String] {
    guard let extenders = extenders(kind, operation.inContext, snapshot) else { return [] }
    var context = context(operation.inContext, kind, namespace, name, subresource, options)
    context.view = { $0 }
    var shown = object
    for mutator in extenders.mutators {
      guard case .webhook(let webhook) = mutator else { continue }
      try await mutate(&shown, by: webhook, old: old, &context, extenders)
    }
    try judge(object, old: old, &context)
    try await askWebhooks(object, old: old, &context)
    return context.warnings
  }

  /// What such a request does.
  public enum Operation: Sendable {
    case create, delete, connect

    fileprivate var inContext: WriteContext.Operation {
      switch self {
      case .create: .create
      case .delete: .delete
      case .connect: .connect
      }
    }
  }
}

extension Cluster {
  /// Whether anybody may have a say in an operation; where not, nothing need be prepared for it.
  public func isExtended(_ operation: Operation, _ kind: Kind) -> Bool {
    extenders(kind, operation.inContext, snapshot) != nil
  }
}
