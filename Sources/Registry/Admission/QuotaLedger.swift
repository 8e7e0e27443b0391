import JSONCore
import Objects
import Synchronization

/// What quotas have in use, for any state of the cluster. It remembers what it counted last, and counts only what has
/// changed since: the answer is always that of counting anew, so it does not matter who asks, when, and for which state.
public final class QuotaLedger: Sendable {
  /// The most accounts remembered: one for each quota and resource whose objects must be looked into.
  private static let limit = 4096

  private struct Entry: Hashable {
    let quota: String
    let namespace: String
    let resource: GroupResource
  }

  private struct Account {
    let spec: JSON?
    var objects: ObjectSlice
    var used: [String: Quantity]
  }

  private let accounts = Mutex<[Entry: Account]>([:])

  public init() {}

  /// What is in use of the named amounts, in the scope of a quota. Source: `status.used` as the stock controller counts it.
  public func used(
    _ names: Set<String>, _ quota: JSON, _ snapshot: Snapshot, _ namespace: String
  ) -> [String: Quantity] {
    var result = names.reduce(into: [String: Quantity]()) { $0[$1] = .zero }
    for resource in QuotaUsage.resources(of: names, in: snapshot) {
      let objects = snapshot.objects(resource, namespace: namespace)
      let amounts: [String: Quantity]
      if QuotaUsage.isPlainCount(resource, quota) {
        amounts = QuotaUsage.count(objects.count, of: resource)
      } else {
        amounts = balance(Entry(quota: quota.name, namespace: namespace, resource: resource), quota, objects)
      }
      for (name, amount) in amounts where names.contains(name) { result[name] = (result[name] ?? .zero) + amount }
    }
    return result
  }

  private func balance(_ entry: Entry, _ quota: JSON, _ objects: ObjectSlice) -> [String: Quantity] {
    accounts.withLock { accounts in
      if accounts[entry] == nil, accounts.count >= Self.limit { accounts.removeAll() }
      let empty = ObjectSlice.none
      var account = accounts[entry] ?? Account(spec: quota["spec"], objects: empty, used: [:])
      if account.spec != quota["spec"] { account = Account(spec: quota["spec"], objects: empty, used: [:]) }
      let (gone, come) = objects.difference(from: account.objects)
      for object in gone { Self.add(object, quota, to: &account.used) { $0 - $1 } }
      for object in come { Self.add(object, quota, to: &account.used) { $0 + $1 } }
      account.objects = objects.detached
      accounts[entry] = account
      return account.used
    }
  }

  private static func add(
    _ object: Object, _ quota: JSON, to used: inout [String: Quantity], _ combine: (Quantity, Quantity) -> Quantity
  ) {
    let json = object.json
    guard QuotaScopes.cover(quota, json, object.key.resource) else { return }
    for (name, amount) in QuotaUsage.charge(json, object.key.resource) {
      used[name] = combine(used[name] ?? .zero, amount)
    }
  }
}
