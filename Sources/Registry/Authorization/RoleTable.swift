import JSONCore
import Objects

/// Roles and bindings, read once and indexed by who they are for.
struct RoleTable {
  struct Binding {
    var key: Key
    var subjects: [Subject]
    /// The role's key; nil for a roleRef of an unknown kind.
    var role: Key?
    var roleKind: String
    var roleName: String
  }

  enum Subject: Hashable {
    case user(String)
    case group(String)

    /// `User "jane"`, as the reason of a decision names it.
    var shown: String {
      switch self {
      case .user(let name): "User \(Status.quoted(name))"
      case .group(let name): "Group \(Status.quoted(name))"
      }
    }
  }

  private var rules: [Key: [PolicyRule]] = [:]
  private var bindings: [Key: Binding] = [:]
  /// Sorted by key, so that decisions do not depend on chance.
  private var bySubject: [Subject: [Key]] = [:]

  static let resources: [GroupResource] = [.roles, .clusterRoles, .roleBindings, .clusterRoleBindings]

  init(_ snapshot: Snapshot) {
    for resource in Self.resources {
      for object in snapshot.objects(resource) { update(object.key, object) }
    }
  }

  /// - Parameter object: nil when it is gone.
  mutating func update(_ key: Key, _ object: Object?) {
    switch key.resource {
    case .roles, .clusterRoles:
      rules[key] = object.map { $0.json.list("rules").map(PolicyRule.init) }
    case .roleBindings, .clusterRoleBindings:
      for subject in bindings[key]?.subjects ?? [] {
        bySubject[subject]?.removeAll { $0 == key }
        if bySubject[subject]?.isEmpty == true { bySubject[subject] = nil }
      }
      bindings[key] = object.map(Self.binding)
      for subject in bindings[key]?.subjects ?? [] {
        bySubject[subject, default: []].append(key)
        bySubject[subject]?.sort {
          $0.resource.index == $1.resource.index ? Key.precedes($0, $1) : $0.namespace < $1.namespace
        }
      }
    default: break
    }
  }

  private static func binding(_ object: Object) -> Binding {
    let json = object.json
    let subjects = json.list("subjects").compactMap { subject -> Subject? in
      switch subject.text("kind") {
      case "User": return .user(subject.text("name"))
      case "Group": return .group(subject.text("name"))
      case "ServiceAccount":
        let given = subject.text("namespace")
        let namespace = given.isEmpty ? object.namespace : given
        return .user("system:serviceaccount:\(namespace):\(subject.text("name"))")
      default: return nil
      }
    }
    let reference = json["roleRef"] ?? .emptyObject
    let name = reference.text("name")
    var role: Key?
    switch reference.text("kind") {
    case "ClusterRole": role = Key(.clusterRoles, name: name)
    case "Role": role = Key(.roles, namespace: object.namespace, name: name)
    default: role = nil
    }
    return Binding(
      key: object.key, subjects: Array(Set(subjects)), role: role, roleKind: reference.text("kind"), roleName: name)
  }

  /// The bindings that reach the caller in a namespace, cluster-wide ones first; nil for the cluster-wide alone.
  func bindings(of caller: Caller, namespace: String?) -> [(binding: Binding, subject: Subject)] {
    let subjects = [Subject.user(caller.name)] + caller.groups.map(Subject.group)
    var wide: [(Binding, Subject)] = []
    var local: [(Binding, Subject)] = []
    for subject in subjects {
      for key in bySubject[subject] ?? [] {
        guard let binding = bindings[key] else { continue }
        if key.resource == .clusterRoleBindings {
          wide.append((binding, subject))
        } else if let namespace, key.namespace == namespace {
          local.append((binding, subject))
        }
      }
    }
    return wide + local
  }

  /// nil when the role does not exist.
  func rules(of role: Key) -> [PolicyRule]? { rules[role] }
}
