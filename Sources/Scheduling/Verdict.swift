import JSONCore
import Objects
import Values

/// What the scheduler found out about a pod, kept so that anyone can ask why it is where it is, or nowhere.
public struct Verdict: Sendable {
  public let pod: Key
  public let uid: String
  public let priority: Int
  public let decidedAt: Instant
  /// The chosen node; nil when none fits.
  public internal(set) var node: String?
  /// How many nodes there are, and how many were looked at.
  var nodeCount = 0
  var visited = 0
  /// The reasons against each node that was refused.
  var refusals: [(node: String, reasons: [Refusal])] = []
  /// How many nodes do not come into question because the pod names others.
  var unnamed = 0
  /// Said when it was thinned: the reasons are not all there any more.
  private var summary: String?
  /// What keeps the pod from every node alike.
  var blocker: Refusal?
  /// Of nodes that fit: the total, and of the chosen one what each plug-in gave.
  var totals: [(node: String, total: Int64)] = []
  var parts: [(plugin: Plugin, score: Int64)] = []
  /// The nodes where pods would have had to go, and why that did not help; `Preemption`'s words.
  var preemption: PreemptionReport?
  var isGated = false
  var gates: [String] = []
  /// Why the last binding came to nothing.
  var failure = ""
  var hasDeviceClaims = false
  /// Devices are looked at, as in the stock profile.
  var mindsDevices = true

  init(_ pod: PodNeeds, at now: Instant) {
    self.pod = pod.key
    uid = pod.uid
    priority = pod.priority
    decidedAt = now
    hasDeviceClaims = !pod.devices.isEmpty
  }

  init(gated pod: PodNeeds, at now: Instant) {
    self.init(pod, at: now)
    isGated = true
    gates = pod.gates
  }

  mutating func choose(_ slot: Int, _ view: ClusterView, visited: Int) {
    node = view.nodes.names[slot]
    self.visited = visited
  }

  mutating func keep(_ scores: Scores, _ slots: [Int], _ view: ClusterView) {
    let best = scores.best
    parts = scores.parts.map { ($0.plugin, $0.scores[best]) }
    if slots.count <= Placement.smallCluster {
      totals = slots.indices.map { (view.nodes.names[slots[$0]], scores.totals[$0]) }
    } else {
      totals = [(view.nodes.names[slots[best]], scores.totals[best])]
    }
  }

  /// The plug-ins that stood in the way: a change that concerns none of them cannot help.
  var rejectors: PluginSet {
    if let blocker { return PluginSet(blocker.plugin) }
    return refusals.reduce(into: unnamed > 0 ? PluginSet(.nodeAffinity) : []) { set, entry in
      for reason in entry.reasons { set.formUnion(PluginSet(reason.plugin)) }
    }
  }

  /// The words of the stock scheduler: how many nodes there are, how many refuse for which reason, and whether making
  /// room would have helped.
  public var message: String {
    if !failure.isEmpty { return failure }
    if node != nil { return "" }
    if isGated { return "Scheduling is blocked due to non-empty scheduling gates" }
    if let summary { return summary }
    if nodeCount == 0 { return "no nodes available to schedule pods" }
    var message = "0/\(nodeCount) nodes are available:"
    if let blocker {
      message += " \(blocker.reason)."
    } else {
      let others = Array(repeating: "node(s) didn't satisfy plugin(s) [NodeAffinity]", count: unnamed)
      message += " \(Self.summary(refusals.flatMap { $0.reasons.map(\.reason) } + others))."
    }
    if let preemption { message += devicesClause + preemption.clause(nodes: nodeCount, isTried: !isCutShort) }
    return message
  }

  /// What keeps the pod from every node was found before the stock scheduler's plug-in for devices was asked at all. That one
  /// then fails when it is asked to make room, and what would come after it is not tried.
  private var isCutShort: Bool { mindsDevices && blocker.map { $0.plugin != .dynamicResources } ?? false }

  /// The stock scheduler looks first whether devices could be given back, and says so.
  private var devicesClause: String {
    if case .victims = preemption { return "" }
    if !mindsDevices { return " " }
    if isCutShort { return " not found" }
    return hasDeviceClaims && blocker == nil ? " still not schedulable, " : " no new claims to deallocate, "
  }

  /// Keeps the reasons of a few nodes only, and the words for all of them.
  mutating func thin(to count: Int) {
    if refusals.count <= count { return }
    summary = message
    refusals = Array(refusals.prefix(count))
  }

  /// `1 Insufficient cpu, 2 node(s) were unschedulable`: sorted as text, the number included.
  static func summary(_ reasons: [String]) -> String {
    reasons.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }.map { "\($0.value) \($0.key)" }.sorted()
      .joined(separator: ", ")
  }
}

/// What came of looking for pods that could make room.
enum PreemptionReport: Sendable {
  /// The pod may not, for this reason.
  case ineligible(String)
  /// What each node said that was tried; all others cannot be helped by it.
  case useless(reasons: [String], unhelpful: Int)
  case victims(node: String, names: [Key])

  func clause(nodes: Int, isTried: Bool) -> String {
    switch self {
    case _ where !isTried: return ""
    case .ineligible(let reason): return "preemption: \(reason)"
    case .useless(let reasons, let unhelpful):
      let all = reasons + Array(repeating: "Preemption is not helpful for scheduling", count: unhelpful)
      return "preemption: 0/\(nodes) nodes are available: \(Verdict.summary(all))."
    case .victims: return ""
    }
  }
}
