import JSONCore
import Objects
import Reconciling
import Schemas
import Values

/// Brings custom resources to life and to their end: accepts the names of a CustomResourceDefinition, establishes it, and
/// when it is deleted removes its objects before it goes. In a stock cluster the API server does this itself, so it runs
/// whatever `--controllers` says.
public struct DefinitionController: Controller {
  public let name = "customresourcedefinition-controller"

  /// The most objects deleted in one run.
  private static let burst = 1000
  /// When the next objects are deleted.
  private static let pause = Duration.milliseconds(100)
  /// How often objects that will not go are looked at.
  private static let patience = Duration.seconds(5)

  public init() {}

  public var watches: [Watch] {
    [
      .each(.customResourceDefinitions),
      // Names that become free may be what another definition waits for.
      Watch(.customResourceDefinitions) { change, snapshot in
        guard change.kind == .deleted, let group = change.object.json.at("spec", "group") else { return [] }
        return snapshot.objects(.customResourceDefinitions).filter { $0.json.at("spec", "group") == group }.map(\.key)
      },
      // The last object of a definition that is being deleted.
      Watch(nil) { change, snapshot in
        let resource = change.key.resource
        guard change.kind == .deleted, snapshot.count(resource) == 0 else { return [] }
        let key = Key(.customResourceDefinitions, name: "\(resource.resource).\(resource.group)")
        return snapshot[key].map(NamespaceController.isBeingDeleted) == true ? [key] : []
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    return json.isBeingDeleted ? end(object, json, snapshot, now) : establish(object, json, snapshot, now)
  }

  // MARK: - names

  private func establish(_ object: Object, _ json: JSON, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    let names = NameChoice(json, object.name, snapshot)
    status["acceptedNames"] = names.accepted
    if let conflict = names.conflict {
      conditions.set("NamesAccepted", "False", reason: conflict.reason, message: conflict.message, at: now)
      if !conditions.isTrue("Established") {
        conditions.set(
          "Established", "False", reason: "NotAccepted", message: "not all names are accepted", at: now)
      }
    } else {
      conditions.set("NamesAccepted", "True", reason: "NoConflicts", message: "no conflicts found", at: now)
      if !conditions.isTrue("Established") {
        conditions.set(
          "Established", "True", reason: "InitialNamesAccepted", message: "the initial names have been accepted",
          at: now)
      }
    }
    Self.setApproval(json, &conditions, now)
    conditions.write(to: &status)
    return Plan([Action.status(object, from: json["status"], to: status)].compactMap { $0 })
  }

  /// Groups that belong to Kubernetes need somebody's word for it (KEP-1111).
  private static func setApproval(_ json: JSON, _ conditions: inout Conditions, _ now: Instant) {
    let group = json.at("spec", "group")?.string ?? ""
    guard group.hasSuffix(".k8s.io") || group.hasSuffix(".kubernetes.io") else { return }
    let annotation = "api-approved.kubernetes.io"
    let approval = json["metadata"]?.strings("annotations")[annotation] ?? ""
    let type = "KubernetesAPIApprovalPolicyConformant"
    if approval.hasPrefix("unapproved") {
      conditions.set(
        type, "False", reason: "UnapprovedAnnotation",
        message: "not approved: \"\(annotation)\": \"\(approval)\"", at: now)
    } else {
      conditions.set(
        type, "True", reason: "ApprovedAnnotation", message: "approved in \(approval)", at: now)
    }
  }

  // MARK: - the end

  private func end(_ object: Object, _ json: JSON, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard json.finalizers.contains(CustomKind.finalizer) else { return .nothing }
    let resource = GroupResource(
      json.at("spec", "group")?.string ?? "", json.at("spec", "names", "plural")?.string ?? "")
    let instances = snapshot.objects(resource)
    // A definition that never got its names has no objects: those of its name are somebody else's.
    let isOwner = Conditions(json["status"]).isTrue("Established") && Catalog.builtIn.kind(resource) == nil
    guard isOwner, !instances.isEmpty else {
      return Plan([Finalizers.removal(of: CustomKind.finalizer, from: object, json)].compactMap { $0 })
    }
    var plan = Plan()
    plan.then(
      Self.terminating(
        object, json, "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress", now))
    let doomed = Array(instances.lazy.filter { !NamespaceController.isBeingDeleted($0) }.prefix(Self.burst))
    plan.then(doomed.map { .delete($0.key, Deletion(uid: $0.uid)) })
    plan.requeue(after: doomed.isEmpty ? Self.patience : Self.pause)
    return plan
  }

  private static func terminating(
    _ object: Object, _ json: JSON, _ value: String, _ reason: String, _ message: String, _ now: Instant
  ) -> Action? {
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    conditions.set("Terminating", value, reason: reason, message: message, at: now)
    conditions.write(to: &status)
    return Action.status(object, from: json["status"], to: status)
  }
}

/// Which of a definition's names it may have: those that nobody else in its group has already.
struct NameChoice {
  private(set) var accepted: JSON
  private(set) var conflict: (reason: String, message: String)?

  init(_ definition: JSON, _ name: String, _ snapshot: Snapshot) {
    let wanted = definition.at("spec", "names") ?? .emptyObject
    accepted = definition.at("status", "acceptedNames") ?? .emptyObject
    let taken = Taken(by: definition, name, in: snapshot)
    var messages: [(reason: String, message: String)] = []
    for (field, reason) in [
      ("plural", "PluralConflict"), ("singular", "SingularConflict"), ("kind", "KindConflict"),
      ("listKind", "ListKindConflict"),
    ] {
      let value = wanted.text(field)
      let isTaken = (field == "kind" || field == "listKind" ? taken.kinds : taken.resources).contains(value)
      if isTaken {
        messages.append((reason, "\"\(value)\" is already in use"))
      } else {
        accepted[field] = wanted[field]
      }
    }
    let shortNames = wanted.list("shortNames").compactMap(\.string)
    let clashing = shortNames.filter(taken.resources.contains)
    if clashing.isEmpty {
      accepted["shortNames"] = wanted["shortNames"]
    } else {
      messages.append(
        ("ShortNamesConflict", clashing.map { "\"\($0)\" is already in use" }.joined(separator: ", ")))
    }
    accepted["categories"] = wanted["categories"]
    conflict = messages.first
  }

  private struct Taken {
    var resources: Set<String> = []
    var kinds: Set<String> = []

    init(by definition: JSON, _ name: String, in snapshot: Snapshot) {
      let group = definition.at("spec", "group")
      for other in snapshot.objects(.customResourceDefinitions) where other.name != name {
        let json = other.json
        guard json.at("spec", "group") == group, let names = json.at("status", "acceptedNames") else { continue }
        resources.formUnion([names.text("plural"), names.text("singular")])
        resources.formUnion(names.list("shortNames").compactMap(\.string))
        kinds.formUnion([names.text("kind"), names.text("listKind")])
      }
      for kind in Catalog.builtIn.kinds where kind.group == group?.string {
        resources.formUnion([kind.resource.resource, kind.singular])
        resources.formUnion(kind.shortNames)
        kinds.formUnion([kind.name, kind.listName])
      }
      resources.remove("")
      kinds.remove("")
    }
  }
}
