import JSONCore
import Objects
import Schemas

/// Nobody hands out more than they have: writing a role needs the role's own rights, or the verb `escalate`; writing a
/// binding needs the rights of the bound role, or the verb `bind` on it.
extension Cluster {
  /// - Throws: 403 that lists the missing rules.
  func checkEscalation(_ object: JSON, _ kind: Kind, _ namespace: String, _ caller: Caller) throws(Status) {
    if caller.isMaster { return }
    switch kind.resource {
    case .roles, .clusterRoles:
      let rules = object.list("rules").map(PolicyRule.init)
      let escalates = Attributes(
        caller: caller, verb: "escalate", group: kind.group, resource: kind.resource.resource, namespace: namespace,
        name: object.name)
      if authorize(escalates).isAllowed { return }
      try require(rules, kind, object.name, namespace, caller)
    case .roleBindings, .clusterRoleBindings:
      let reference = object["roleRef"] ?? .emptyObject
      let isWide = reference.text("kind") == "ClusterRole"
      let resource = isWide ? GroupResource.clusterRoles : .roles
      let binds = Attributes(
        caller: caller, verb: "bind", group: resource.group, resource: resource.resource, namespace: namespace,
        name: reference.text("name"))
      if authorize(binds).isAllowed { return }
      let role = Key(resource, namespace: isWide ? "" : namespace, name: reference.text("name"))
      guard let rules = authorizer.rules(ofRole: role) else { throw .notFound(resource, role.name) }
      try require(rules, kind, object.name, namespace, caller)
    default: return
    }
  }

  private func require(
    _ wanted: [PolicyRule], _ kind: Kind, _ name: String, _ namespace: String, _ caller: Caller
  ) throws(Status) {
    let own = authorizer.rules(of: caller, namespace: namespace.isEmpty ? nil : namespace)
    let missing = wanted.flatMap(\.atoms).filter { atom in !own.contains { $0.covers(atom) } }
    if missing.isEmpty { return }
    let groups = caller.groups.quotedAsInGo
    throw .forbidden(
      kind.resource, name,
      "user \(Status.quoted(caller.name)) (groups=\(groups)) is attempting to grant RBAC permissions not currently held:\n"
        + PolicyRule.compacted(missing).map(\.shown).sorted().joined(separator: "\n"))
  }
}
