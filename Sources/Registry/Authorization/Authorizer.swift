import Objects
import Storage
import Synchronization

/// Role-based access control over the newest state.
///
/// The table follows the store's feed: a write is answered only after the feed has seen it, so a role that was taken away
/// is gone for the very next request.
final class Authorizer: Sendable {
  private let table: Mutex<RoleTable>
  private let observation = Mutex<Observation?>(nil)

  init(store: Store) {
    table = Mutex(RoleTable(store.snapshot))
    let observation = store.feed.observe { [weak self] batch in self?.follow(batch) }
    self.observation.withLock { $0 = observation }
  }

  private func follow(_ batch: Batch) {
    let changes = batch.changes.filter { RoleTable.resources.contains($0.key.resource) }
    if changes.isEmpty { return }
    table.withLock { table in
      for change in changes { table.update(change.key, change.kind == .deleted ? nil : change.object) }
    }
  }

  func decide(_ attributes: Attributes) -> Decision {
    if attributes.caller.isMaster { return Decision(isAllowed: true) }
    return table.withLock { table in
      var missing: [String] = []
      let namespace = attributes.namespace.isEmpty ? nil : attributes.namespace
      for (binding, subject) in table.bindings(of: attributes.caller, namespace: namespace) {
        guard let role = binding.role, let rules = table.rules(of: role) else {
          missing.append(
            "\(binding.roleKind.lowercased()).rbac.authorization.k8s.io \(Status.quoted(binding.roleName)) not found")
          continue
        }
        if rules.contains(where: { $0.allows(attributes) }) {
          return Decision(isAllowed: true, reason: Self.reason(binding, subject))
        }
      }
      if attributes.caller.groups.contains(Self.nodesGroup),
        table.rules(of: Self.nodeRole)?.contains(where: { $0.allows(attributes) }) == true
      {
        return Decision(isAllowed: true)
      }
      return Decision(isAllowed: false, reason: missing.isEmpty ? "" : "RBAC: " + Self.joined(missing))
    }
  }

  /// Kubelets have the rights of this role without a binding.
  private static let nodesGroup = "system:nodes"
  private static let nodeRole = Key(.clusterRoles, name: "system:node")

  private static func joined(_ texts: [String]) -> String {
    texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
  }

  private static func reason(_ binding: RoleTable.Binding, _ subject: RoleTable.Subject) -> String {
    let isWide = binding.key.resource == .clusterRoleBindings
    let name = isWide ? binding.key.name : "\(binding.key.name)/\(binding.key.namespace)"
    return "RBAC: allowed by \(isWide ? "ClusterRoleBinding" : "RoleBinding") \(Status.quoted(name)) of "
      + "\(binding.roleKind) \(Status.quoted(binding.roleName)) to \(subject.shown)"
  }

  /// All that the caller may do in a namespace, or everywhere.
  func rules(of caller: Caller, namespace: String?) -> [PolicyRule] {
    table.withLock { table in
      table.bindings(of: caller, namespace: namespace).flatMap { binding, _ in
        binding.role.flatMap { table.rules(of: $0) } ?? []
      }
    }
  }

  func rules(ofRole key: Key) -> [PolicyRule]? { table.withLock { $0.rules(of: key) } }
}

extension Cluster {
  /// Whether somebody may do something. Members of `system:masters` may do everything.
  public func authorize(_ attributes: Attributes) -> Decision { authorizer.decide(attributes) }

  /// What a SelfSubjectRulesReview lists: rules about resources, and about plain paths.
  public func rules(of caller: Caller, namespace: String) -> (resources: [PolicyRule], paths: [PolicyRule]) {
    let rules = authorizer.rules(of: caller, namespace: namespace)
    return (rules.filter { !$0.resources.isEmpty }, rules.filter { !$0.paths.isEmpty })
  }
}
