import JSONCore
import Objects
import Reconciling
import Values

/// How the nodes of each zone fare, and how fast they may therefore be emptied: slowly, so that a fault of the network is
/// not taken for one of the nodes.
struct NodeZones {
  enum State: Equatable {
    case normal
    /// Most nodes are down.
    case partial
    /// All of them are.
    case full
  }

  private struct Member {
    let name: String
    let zone: String
    let isReady: Bool
    let changedAt: Instant
    /// When this node's pods were told to go; nil when they were not.
    let evictedAt: Instant?
  }

  /// From this share of nodes down on a zone counts as disrupted.
  private static let disruption = 0.55
  /// Zones of up to so many nodes are not emptied at all while they are disrupted.
  private static let largeZone = 50
  /// A node each ten seconds; a hundred where a large zone is disrupted.
  private static let period = Duration.seconds(10)
  private static let slowPeriod = Duration.seconds(100)

  private let members: [Member]

  init(_ snapshot: Snapshot) { members = snapshot.objects(.nodes).map(Self.member) }

  private static func member(_ node: Object) -> Member {
    var isReady = false
    var changedAt = Instant.epoch
    node.status?.member("conditions")?.forEachElement { condition in
      guard condition.member("type")?.isString("Ready") == true else { return }
      isReady = condition.member("status")?.isString("True") == true
      changedAt = condition.member("lastTransitionTime").flatMap { Instant(rfc3339: $0.string) } ?? .epoch
    }
    var evictedAt: Instant?
    node.spec?.member("taints")?.forEachElement { taint in
      guard taint.member("effect")?.isString("NoExecute") == true,
        NodeTaints.evicting.contains(taint.member("key")?.string ?? "")
      else { return }
      evictedAt = taint.member("timeAdded").flatMap { Instant(rfc3339: $0.string) } ?? .epoch
    }
    return Member(
      name: node.name, zone: zone(of: node), isReady: isReady, changedAt: changedAt, evictedAt: evictedAt)
  }

  private static func zone(of node: Object) -> String {
    let region = node.labels["topology.kubernetes.io/region"] ?? ""
    return "\(region)/\(node.labels["topology.kubernetes.io/zone"] ?? "")"
  }

  private static func state(_ members: [Member]) -> State {
    let down = members.count { !$0.isReady }
    if down == members.count && down > 0 { return .full }
    return down > 2 && Double(down) / Double(members.count) >= disruption ? .partial : .normal
  }

  func state(ofZoneOf node: Object) -> State { Self.state(members.filter { $0.zone == Self.zone(of: node) }) }

  /// Nothing answers any more: the fault is not with the nodes.
  var isAllDown: Bool { !members.contains(where: \.isReady) }

  /// When the pods of a node that does not answer may be told to go; nil for not while things are as they are.
  func evictionTime(of node: Object, at now: Instant) -> Instant? {
    if isAllDown { return nil }
    let zone = Self.zone(of: node)
    let members = members.filter { $0.zone == zone }
    if let done = members.first(where: { $0.name == node.name })?.evictedAt { return done }
    let state = Self.state(members)
    if state == .partial && members.count <= Self.largeZone { return nil }
    let period = state == .partial ? Self.slowPeriod : Self.period
    let last = members.compactMap(\.evictedAt).max()
    let waiting = members.filter { !$0.isReady && $0.evictedAt == nil }
      .sorted { ($0.changedAt, $0.name) < ($1.changedAt, $1.name) }
    let ahead = waiting.firstIndex { $0.name == node.name } ?? waiting.count
    return max(now, last.map { $0 + period } ?? now) + period * ahead
  }
}
