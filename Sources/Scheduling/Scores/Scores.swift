import Objects

/// How well each node that fits suits a pod: a score from 0 to 100 from each plug-in, times its weight.
struct Scores {
  /// The weighted scores of each plug-in that has a say, in the order of the nodes.
  private(set) var parts: [(plugin: Plugin, scores: [Int64])] = []
  private(set) var totals: [Int64]

  static let most: Int64 = 100

  /// - Parameter slots: the nodes that fit.
  init(_ request: Request, _ slots: [Int], _ pass: FilterPass, _ view: inout ClusterView) {
    totals = [Int64](repeating: 0, count: slots.count)
    let pod = request.pod
    let profile = request.profile
    add(.taintToleration, profile) { Preferences.taints(pod, slots, view.nodes) }
    add(.nodeAffinity, profile) { Preferences.nodes(pod, profile, slots, view.nodes) }
    add(.nodeResourcesFit, profile) { ResourceScores.fit(pod, profile, slots, view.nodes) }
    add(.podTopologySpread, profile) { SpreadScores.scores(request, slots, pass.nodeFilters.admitted, &view) }
    add(.interPodAffinity, profile) { CompanyScores.scores(pod, profile, slots, &view) }
    add(.nodeResourcesBalancedAllocation, profile) { ResourceScores.balance(pod, profile, slots, view.nodes) }
    add(.imageLocality, profile) { Preferences.images(pod, slots, &view) }
  }

  private mutating func add(_ plugin: Plugin, _ profile: Profile, _ scores: () -> [Int64]?) {
    let weight = profile.weight(plugin)
    if weight == 0 { return }
    guard var scores = scores() else { return }
    for index in scores.indices {
      scores[index] *= weight
      totals[index] += scores[index]
    }
    parts.append((plugin, scores))
  }

  /// The first of the best.
  var best: Int {
    var best = 0
    for index in totals.indices where totals[index] > totals[best] { best = index }
    return best
  }

  /// Stretches scores to 0…100 by their maximum; the other way round when less is better.
  static func normalized(_ scores: [Int64], isReversed: Bool) -> [Int64] {
    let top = scores.max() ?? 0
    if top <= 0 { return scores.map { _ in isReversed ? most : 0 } }
    return scores.map { isReversed ? most - $0 * most / top : $0 * most / top }
  }
}
