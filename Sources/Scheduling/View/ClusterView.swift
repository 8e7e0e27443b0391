import JSONCore
import Objects
import Reconciling
import Values

/// The nodes, the pods on them and what they mean to each other: an aggregate that follows the feed, so that placing a
/// pod looks at columns of numbers and not at other pods.
public struct ClusterView: Sendable {
  /// A pod that takes up room.
  struct Placed: Sendable {
    var pod: PodNeeds
    var slot: Int
    var isLeaving: Bool
    /// It leaves to make room for a pod of higher priority.
    var isPreempted: Bool
    /// When it started to run; nil when it did not yet.
    var startedAt: Instant?
  }

  private(set) var nodes = NodeTable()
  private(set) var census = Census()
  private(set) var placed: [String: Placed] = [:]
  /// The UIDs of the pods by slot.
  private(set) var residents: [[String]] = []
  /// Pods that wait for victims to leave a node, by UID: room on it is kept for them.
  private(set) var nominated: [String: (pod: PodNeeds, node: String)] = [:]
  /// How many placed pods have each priority.
  private var priorities: [Int: Int] = [:]
  /// How many placed pods use each claim.
  private(set) var claimUsers: [Key: Int] = [:]
  /// The selectors of the services, by namespace and name.
  private(set) var services: [String: [String: [String: String]]] = [:]
  private var topology = TopologyTable()
  private var choices: [NodeChoice: [Bool]] = [:]

  /// Beyond so many different choices of nodes all are forgotten and found out anew.
  private static let choiceLimit = 512

  public init() {}

  public init(_ snapshot: Snapshot) {
    for object in snapshot.objects(.namespaces) { _ = census.setNamespace(object.name, object.labels) }
    for object in snapshot.objects(.services) { setService(object) }
    for object in snapshot.objects(.nodes) { _ = update(node: object) }
    for object in snapshot.objects(.pods) {
      let facts = PodFacts(object)
      if !facts.nodeName.isEmpty && !facts.isTerminal { place(PodNeeds(object), on: facts.nodeName) }
    }
  }

  // MARK: Asking

  /// The nodes that exist, in the order in which they are looked at.
  mutating func order() -> [Int] { nodes.order() }

  mutating func column(_ key: String) -> TopologyTable.Column { topology.column(key, nodes) }

  mutating func record(_ scope: Scope) -> Census.Record { census.record(scope) }

  mutating func heard(by pod: PodNeeds) -> [Census.Record] { census.heard(by: pod) }

  /// Which slots a pod's selector and required affinity admit; nil when all.
  mutating func admitted(_ choice: NodeChoice) -> [Bool]? {
    if choice.isEmpty { return nil }
    if let known = choices[choice], known.count == nodes.count { return known }
    if choices.count >= Self.choiceLimit { choices = [:] }
    let admitted = (0..<nodes.count).map { choice.admits(nodes.labels[$0], name: nodes.names[$0]) }
    choices[choice] = admitted
    return admitted
  }

  /// Whether any placed pod counts less than this.
  func hasPods(below priority: Int) -> Bool { priorities.keys.contains { $0 < priority } }

  // MARK: Pods

  /// Puts a pod on a node, or moves it there; what it asks for is taken.
  public mutating func place(_ pod: PodNeeds, on node: String) {
    remove(pod.uid)
    let slot = nodes.makeSlot(node)
    while residents.count < nodes.count { residents.append([]) }
    placed[pod.uid] = Placed(
      pod: pod, slot: slot, isLeaving: pod.isLeaving, isPreempted: pod.isPreempted, startedAt: pod.startedAt)
    residents[slot].append(pod.uid)
    priorities[pod.priority, default: 0] += 1
    nodes.add(pod, times: 1, at: slot)
    census.add(pod, isLeaving: pod.isLeaving, times: 1, at: slot)
    for claim in pod.claims { claimUsers[claim.key(in: pod.key.namespace), default: 0] += 1 }
  }

  /// Takes a pod away. Returns what it was, nil when it had no place.
  @discardableResult
  mutating func remove(_ uid: String) -> Placed? {
    guard let old = placed.removeValue(forKey: uid) else { return nil }
    if let index = residents[old.slot].firstIndex(of: uid) { residents[old.slot].remove(at: index) }
    let alike = priorities[old.pod.priority, default: 1] - 1
    priorities[old.pod.priority] = alike > 0 ? alike : nil
    nodes.add(old.pod, times: -1, at: old.slot)
    census.add(old.pod, isLeaving: old.isLeaving, times: -1, at: old.slot)
    for claim in old.pod.claims {
      let key = claim.key(in: old.pod.key.namespace)
      let count = claimUsers[key, default: 0] - 1
      claimUsers[key] = count > 0 ? count : nil
    }
    nodes.releaseIfEmpty(old.slot)
    return old
  }

  mutating func markLeaving(_ uid: String, isPreempted: Bool) {
    guard let entry = placed[uid], !entry.isLeaving else { return }
    placed[uid]?.isLeaving = true
    placed[uid]?.isPreempted = isPreempted
    census.markLeaving(entry.pod, at: entry.slot)
  }

  mutating func markStarted(_ uid: String, at time: Instant) { placed[uid]?.startedAt = time }

  /// Puts a removed pod back just as it was.
  mutating func restore(_ old: Placed) {
    place(old.pod, on: nodes.names[old.slot])
    if old.isLeaving { markLeaving(old.pod.uid, isPreempted: old.isPreempted) }
    placed[old.pod.uid]?.startedAt = old.startedAt
  }

  mutating func nominate(_ pod: PodNeeds, on node: String) { nominated[pod.uid] = (pod, node) }

  @discardableResult
  mutating func denominate(_ uid: String) -> Bool { nominated.removeValue(forKey: uid) != nil }

  // MARK: Everything else

  /// Takes over the state of a node.
  mutating func update(node object: Object) -> (slot: Int, change: NodeTable.NodeChange) {
    let slot = nodes.makeSlot(object.name)
    while residents.count < nodes.count { residents.append([]) }
    let change = nodes.update(slot, object)
    if change.contains(.labels) || change.contains(.appeared) { relabel(slot) }
    return (slot, change)
  }

  mutating func remove(node name: String) {
    guard let slot = nodes.slot(of: name) else { return }
    nodes.vacate(slot)
    relabel(slot)
  }

  private mutating func relabel(_ slot: Int) {
    topology.update(slot, nodes.labels[slot])
    for choice in choices.keys where choices[choice]?.count == nodes.count {
      choices[choice]?[slot] = choice.admits(nodes.labels[slot], name: nodes.names[slot])
    }
  }

  mutating func setNamespace(_ name: String, _ labels: Labels?) -> Bool { census.setNamespace(name, labels) }

  mutating func setService(_ object: Object, isGone: Bool = false) {
    let selector = object.spec?.member("selector")?.decoded()?.object
    var pairs: [String: String] = [:]
    for (key, value) in selector ?? Members() { pairs[key] = value.string }
    services[object.namespace, default: [:]][object.name] = isGone || pairs.isEmpty ? nil : pairs
    if services[object.namespace]?.isEmpty == true { services[object.namespace] = nil }
  }
}
