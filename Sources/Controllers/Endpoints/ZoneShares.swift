import JSONCore
import Objects
import Reconciling

/// How the endpoints of a Service are shared out between zones in proportion to the zones' CPU
/// (`service.kubernetes.io/topology-mode: Auto`).
struct ZoneShares {
  struct Problem: Error { let message: String }

  /// How much more than its share of the traffic an endpoint may get.
  private static let overload = 0.2
  private static let controlPlane = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"]

  /// What part of the cluster's CPU each zone has.
  private let ratios: [String: Double]

  init(_ snapshot: Snapshot) throws(Problem) {
    var amounts: [String: Double] = [:]
    for node in snapshot.objects(.nodes) where NodeTaints.isReady(node) {
      if Self.controlPlane.contains(where: { node.labels[$0] != nil }) { continue }
      let cpu = Quantity(
        node.status?.member("allocatable")?.member("cpu")?.decoded())
      guard let zone = node.labels["topology.kubernetes.io/zone"], let cpu, cpu > .zero else {
        throw Problem(
          message: "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes")
      }
      amounts[zone, default: 0] += cpu.double
    }
    if amounts.count < 2 { throw Problem(message: "Nodes only ready in one zone") }
    let total = amounts.values.sorted().reduce(0, +)
    ratios = amounts.mapValues { $0 / total }
  }

  /// The zone that each endpoint is to serve.
  /// - Parameter endpoints: the ready ones, by a key that is theirs, and the zone that each is in.
  func assign(_ endpoints: [(key: String, zone: String?)]) throws(Problem) -> [String: String] {
    let numbers = "(\(endpoints.count) endpoints, \(ratios.count) zones)"
    if endpoints.count < ratios.count { throw Problem(message: "Insufficient number of endpoints \(numbers)") }
    let least = ratios.mapValues { Int(($0 * Double(endpoints.count) / (1 + Self.overload)).rounded(.up)) }
    if least.values.reduce(0, +) > endpoints.count {
      throw Problem(
        message: "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold "
          + numbers)
    }
    var held: [String: [String]] = [:]
    for endpoint in endpoints.sorted(by: { $0.key < $1.key }) {
      guard let zone = endpoint.zone else {
        throw Problem(message: "One or more endpoints do not have a zone specified")
      }
      held[zone, default: []].append(endpoint.key)
    }
    share(&held, least, count: endpoints.count)
    if ratios.keys.contains(where: { held[$0]?.isEmpty ?? true }) {
      throw Problem(message: "No hints allocated for zones")
    }
    return Dictionary(uniqueKeysWithValues: held.flatMap { zone, keys in keys.map { ($0, zone) } })
  }

  /// Moves endpoints from the zones that have the most too many to those that lack the most, one by one.
  private func share(_ held: inout [String: [String]], _ least: [String: Int], count: Int) {
    for _ in 0..<count {
      let excess = Set(held.keys).union(ratios.keys).sorted().map { zone in
        (zone: zone, amount: Double(held[zone]?.count ?? 0) - (ratios[zone] ?? 0) * Double(count))
      }
      guard let giver = excess.max(by: { $0.amount < $1.amount }),
        let taker = excess.min(by: { $0.amount < $1.amount }), giver.zone != taker.zone,
        giver.amount >= 1 || -taker.amount >= 1, giver.amount > 0, taker.amount < 0,
        held[giver.zone]?.count ?? 0 > least[giver.zone] ?? 0, let moved = held[giver.zone]?.popLast()
      else { return }
      held[taker.zone, default: []].append(moved)
    }
  }
}
