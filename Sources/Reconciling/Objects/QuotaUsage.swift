import JSONCore
import Objects
import Registry

/// What a namespace uses of its quotas, by the very count that admission judges by.
public struct QuotaUsage: Sendable {
  private let ledger = QuotaLedger()

  public init() {}

  /// - Parameter names: the amounts to count, as `spec.hard` names them.
  public func used(
    _ names: Set<String>, _ quota: JSON, _ snapshot: Snapshot, _ namespace: String
  ) -> [String: Quantity] {
    ledger.used(names, quota, snapshot, namespace)
  }
}
