import JSONCore
import Objects
import Reconciling
import Values

/// Keeps one pod of each DaemonSet on every node that suits it.
public struct DaemonSetController: Controller {
  public let name = "daemonset-controller"

  public init() {}

  public var watches: [Watch] {
    [
      .each(.daemonSets),
      .ownedOrAdoptable(.pods, by: .daemonSets) { try? LabelSelector(json: $0.json.at("spec", "selector")) },
      .owned(.controllerRevisions, by: .daemonSets),
      Watch(.nodes) { change, snapshot in
        // A heartbeat concerns nobody.
        if let previous = change.previous, change.kind == .modified, NodeFacts(previous) == NodeFacts(change.object) {
          return []
        }
        return snapshot.objects(.daemonSets).map(\.key)
      },
    ]
  }

  public var gathering: Duration { .milliseconds(20) }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    guard let selector = try? LabelSelector(json: json.at("spec", "selector")), !selector.isEmpty else {
      return .nothing
    }
    let reference = Reference(object, json)
    let claim = Claim(
      of: .pods, for: reference, isOwnerBeingDeleted: json.isBeingDeleted, matching: selector, in: snapshot)
    var plan = Plan(claim.actions)
    let collisions = json.at("status", "collisionCount")?.int ?? 0
    let revisions = Revisions(of: reference, json, collisions: collisions, snapshot)
    if revisions.isCollision {
      var status = json["status"] ?? .emptyObject
      status["collisionCount"] = JSON(collisions + 1)
      return Plan([Action.status(object, from: json["status"], to: status)].compactMap { $0 })
    }
    if let action = revisions.action { plan.then([action]) }
    guard let update = revisions.update else { return plan }
    let run = DaemonSetRun(
      object: object, json: json, reference: reference, pods: claim.objects.map(PodFacts.init),
      hash: update.object.labels[Revisions.hashLabel] ?? "", nodes: snapshot.objects(.nodes).map(NodeFacts.init),
      now: now)
    plan.append(run.plan())
    let hashes = Set(run.pods.map { run.hash(of: $0) })
    let live = Set(
      revisions.all.filter { hashes.contains($0.object.labels[Revisions.hashLabel] ?? "") }.map(\.name)
        + [update.name])
    plan.then(revisions.pruning(keeping: live, limit: json.at("spec", "revisionHistoryLimit")?.int ?? 10))
    return plan
  }
}

/// What a DaemonSet looks at in a node.
struct NodeFacts: Equatable {
  let name: String
  let labels: Labels
  let taints: [JSON]
  let isUnschedulable: Bool

  init(_ object: Object) {
    let spec = RawJSON(object.blob.bytes).member("spec")
    name = object.name
    labels = object.labels
    taints = spec?.member("taints")?.decoded()?.array ?? []
    isUnschedulable = spec?.member("unschedulable")?.isTrue ?? false
  }
}

/// One look at one DaemonSet.
struct DaemonSetRun {
  let object: Object
  let json: JSON
  let reference: Reference
  let pods: [PodFacts]
  /// Of the present template.
  let hash: String
  let nodes: [NodeFacts]
  let now: Instant

  private static let burst = 250
  private static let hashLabel = "controller-revision-hash"
  private static let generationLabel = "pod-template-generation"
  private static let generationAnnotation = "deprecated.daemonset.template.generation"
  /// The first delay before a failed pod is replaced; it doubles up to the limit.
  private static let failureBackoff = Backoff(first: .seconds(1), limit: .seconds(900))

  private var minReadySeconds: Int { json.at("spec", "minReadySeconds")?.int ?? 0 }

  func hash(of pod: PodFacts) -> String { pod.object.labels[Self.hashLabel] ?? "" }

  private func isAvailable(_ pod: PodFacts) -> Bool {
    !pod.isBeingDeleted && pod.isAvailable(minReadySeconds: minReadySeconds, at: now)
  }

  func plan() -> Plan {
    var plan = Plan()
    let byNode = Dictionary(grouping: pods) { target(of: $0) }
    if !json.isBeingDeleted {
      var creations: [Action] = []
      var deletions: [PodFacts] = []
      var kept: [String: [PodFacts]] = [:]
      for node in nodes {
        let present = byNode[node.name] ?? []
        let fit = suits(node)
        let (alive, gone) = sort(present, mayStay: fit.stays, &plan)
        deletions += gone
        kept[node.name] = alive
        if fit.runs && alive.isEmpty && gone.isEmpty && present.isEmpty { creations.append(creation(on: node.name)) }
      }
      // The garbage collector of pods sees to those on nodes that are gone.
      var surged: [Action] = []
      if json.at("spec", "updateStrategy")?.text("type") != "OnDelete" {
        let rolling = rollingUpdate(kept)
        deletions += rolling.deletions
        surged = rolling.creations
      }
      plan.then(deletions.prefix(Self.burst).map(deletion))
      plan.then(Array((creations + surged).prefix(Self.burst)), startsSlowly: true)
    }
    plan.then(Action.status(object, from: json["status"], to: status(byNode)))
    if let delay = nextAvailability() { plan.requeue(after: delay) }
    return plan
  }

  /// The node that a pod is meant for, or is on.
  private func target(of pod: PodFacts) -> String {
    if !pod.nodeName.isEmpty { return pod.nodeName }
    let terms =
      pod.object.json.at(
        "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")?
      .list("nodeSelectorTerms") ?? []
    for expression in terms.flatMap({ $0.list("matchFields") }) where expression.text("key") == "metadata.name" {
      return expression.list("values").first?.string ?? ""
    }
    return ""
  }

  /// The pods of a node that stay, and those that go: finished, surplus or unwanted ones.
  private func sort(_ present: [PodFacts], mayStay: Bool, _ plan: inout Plan) -> ([PodFacts], [PodFacts]) {
    var gone: [PodFacts] = []
    var alive: [PodFacts] = []
    for pod in present where !pod.isBeingDeleted {
      if pod.phase == "Failed" {
        let delay = pod.createdAt + Self.failureBackoff.first - now
        if delay > .zero { plan.requeue(after: delay) } else { gone.append(pod) }
      } else if pod.phase == "Succeeded" || !mayStay {
        gone.append(pod)
      } else {
        alive.append(pod)
      }
    }
    if alive.count > 1, surge == 0 {
      let sorted = alive.sorted { ($0.createdAt, $0.name) < ($1.createdAt, $1.name) }
      let keeper = sorted.first { !$0.nodeName.isEmpty } ?? sorted[0]
      gone += sorted.filter { $0.uid != keeper.uid }
      alive = [keeper]
    }
    return (alive, gone)
  }

  // MARK: Which nodes

  /// Whether a pod is to be made on a node, and whether one that is there may stay.
  private func suits(_ node: NodeFacts) -> (runs: Bool, stays: Bool) {
    let spec = json.at("spec", "template", "spec") ?? .emptyObject
    let name = spec.text("nodeName")
    if !name.isEmpty && name != node.name { return (false, false) }
    for (key, value) in spec.strings("nodeSelector") where node.labels[key] != value { return (false, false) }
    if let required = spec.at("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"),
      !required.list("nodeSelectorTerms").contains(where: { Self.matches($0, node) })
    {
      return (false, false)
    }
    let tolerations = spec.list("tolerations") + Self.tolerations(spec)
    let untolerated = node.taints.filter { taint in
      taint.text("effect") != "PreferNoSchedule"
        && !tolerations.contains { TaintEvictionController.tolerates($0, taint) }
    }
    if untolerated.isEmpty { return (true, true) }
    return (false, !untolerated.contains { $0.text("effect") == "NoExecute" })
  }

  private static func matches(_ term: JSON, _ node: NodeFacts) -> Bool {
    let expressions = term.list("matchExpressions")
    let fields = term.list("matchFields")
    if expressions.isEmpty && fields.isEmpty { return false }
    return expressions.allSatisfy { holds($0, node.labels[$0.text("key")]) }
      && fields.allSatisfy { $0.text("key") == "metadata.name" && holds($0, node.name) }
  }

  private static func holds(_ expression: JSON, _ value: String?) -> Bool {
    let values = expression.list("values").compactMap(\.string)
    switch expression.text("operator") {
    case "In": return value.map { values.contains($0) } ?? false
    case "NotIn": return value.map { !values.contains($0) } ?? true
    case "Exists": return value != nil
    case "DoesNotExist": return value == nil
    case "Gt", "Lt":
      guard let left = value.flatMap({ Int($0) }), let right = values.first.flatMap({ Int($0) }) else { return false }
      return expression.text("operator") == "Gt" ? left > right : left < right
    default: return false
    }
  }

  /// What every pod of a DaemonSet tolerates.
  private static func tolerations(_ spec: JSON) -> [JSON] {
    var keys = [
      ("not-ready", "NoExecute"), ("unreachable", "NoExecute"), ("disk-pressure", "NoSchedule"),
      ("memory-pressure", "NoSchedule"), ("pid-pressure", "NoSchedule"), ("unschedulable", "NoSchedule"),
    ]
    if spec["hostNetwork"]?.bool == true { keys.append(("network-unavailable", "NoSchedule")) }
    return keys.map { key, effect in
      ["key": .string("node.kubernetes.io/" + key), "operator": "Exists", "effect": .string(effect)]
    }
  }

  // MARK: Pods

  private func creation(on node: String) -> Action {
    var pod = PodTemplate.pod(json.at("spec", "template") ?? .emptyObject, owner: reference)
    var labels = pod.at("metadata", "labels") ?? .emptyObject
    labels[Self.hashLabel] = .string(hash)
    labels[Self.generationLabel] = .string(json.annotation(Self.generationAnnotation) ?? String(json.generation))
    pod["metadata"]?["labels"] = labels
    var spec = pod["spec"] ?? .emptyObject
    let present = spec.list("tolerations")
    spec["tolerations"] = .array(present + Self.tolerations(spec).filter { !present.contains($0) })
    let fields: JSON = ["matchFields": [["key": "metadata.name", "operator": "In", "values": [.string(node)]]]]
    let path = "requiredDuringSchedulingIgnoredDuringExecution"
    var affinity = spec["affinity"] ?? .emptyObject
    var nodeAffinity = affinity["nodeAffinity"] ?? .emptyObject
    let terms = nodeAffinity[path]?.list("nodeSelectorTerms") ?? []
    let wanted =
      terms.isEmpty
      ? [fields]
      : terms.map { term in
        var term = term
        term["matchFields"] = fields["matchFields"]
        return term
      }
    nodeAffinity[path] = ["nodeSelectorTerms": .array(wanted)]
    affinity["nodeAffinity"] = nodeAffinity
    spec["affinity"] = affinity
    pod["spec"] = spec
    return .create(
      .pods, pod, event: EventNote(reference.asInvolved, "SuccessfulCreate", "Created pod: {name}"))
  }

  private func deletion(_ pod: PodFacts) -> Action {
    .delete(
      pod.key, Deletion(uid: pod.uid),
      event: EventNote(reference.asInvolved, "SuccessfulDelete", "Deleted pod: \(pod.name)"))
  }

  // MARK: Rolling update

  private var desired: Int { nodes.count { suits($0).runs } }

  private var surge: Int {
    json.at("spec", "updateStrategy", "rollingUpdate", "maxSurge")?.resolved(of: desired, roundingUp: true) ?? 0
  }

  private func rollingUpdate(_ kept: [String: [PodFacts]]) -> (deletions: [PodFacts], creations: [Action]) {
    let desired = self.desired
    let surge = self.surge
    let limit =
      json.at("spec", "updateStrategy", "rollingUpdate", "maxUnavailable")?
      .resolved(of: desired, roundingUp: true) ?? 1
    let maxUnavailable = surge == 0 ? max(1, limit) : limit
    var unavailable = 0
    var free: [PodFacts] = []
    var costly: [PodFacts] = []
    var creations: [Action] = []
    var surging = 0
    for node in nodes {
      let present = kept[node.name] ?? []
      let old = present.filter { hash(of: $0) != hash }
      let new = present.filter { hash(of: $0) == hash }
      if surge > 0 {
        if !old.isEmpty, !new.isEmpty {
          if new.contains(where: isAvailable) { free += old } else { surging += 1 }
        }
        continue
      }
      if !present.contains(where: isAvailable), suits(node).runs { unavailable += 1 }
      for pod in old { if isAvailable(pod) { costly.append(pod) } else { free.append(pod) } }
    }
    if surge > 0 {
      for node in nodes where surging < surge {
        let present = kept[node.name] ?? []
        if present.count == 1, hash(of: present[0]) != hash, suits(node).runs {
          creations.append(creation(on: node.name))
          surging += 1
        }
      }
      return (free, creations)
    }
    return (free + costly.prefix(max(0, maxUnavailable - unavailable)), [])
  }

  // MARK: Status

  private func status(_ byNode: [String: [PodFacts]]) -> JSON {
    var status = json["status"] ?? .emptyObject
    var counts = (desired: 0, current: 0, misplaced: 0, ready: 0, updated: 0, available: 0)
    for node in nodes {
      let present = (byNode[node.name] ?? []).filter { !$0.isTerminal }
      let runs = suits(node).runs
      if !runs {
        if !present.isEmpty { counts.misplaced += 1 }
        continue
      }
      counts.desired += 1
      guard let pod = present.min(by: { ($0.createdAt, $0.name) < ($1.createdAt, $1.name) }) else { continue }
      counts.current += 1
      if present.contains(where: { $0.isReady && !$0.isBeingDeleted }) { counts.ready += 1 }
      if present.contains(where: isAvailable) { counts.available += 1 }
      if hash(of: pod) == hash || present.contains(where: { hash(of: $0) == hash }) { counts.updated += 1 }
    }
    status["currentNumberScheduled"] = JSON(counts.current)
    status["numberMisscheduled"] = JSON(counts.misplaced)
    status["desiredNumberScheduled"] = JSON(counts.desired)
    status["numberReady"] = JSON(counts.ready)
    status["observedGeneration"] = JSON(json.generation)
    status.setCount("updatedNumberScheduled", counts.updated)
    status.setCount("numberAvailable", counts.available)
    status.setCount("numberUnavailable", counts.desired - counts.available)
    return status
  }

  private func nextAvailability() -> Duration? {
    if minReadySeconds == 0 { return nil }
    return pods.filter { $0.isReady && !isAvailable($0) && !$0.isBeingDeleted }
      .compactMap { pod in pod.readySince.map { $0 + .seconds(minReadySeconds) - now } }.min()
  }
}
