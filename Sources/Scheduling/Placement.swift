import Objects
import Reconciling
import Values

/// Finding a node for a pod: a function of the request and the view, which it leaves as it was but for what it counted.
enum Placement {
  /// Clusters up to this size have the reasons and scores of all nodes kept for pods that found a place, too.
  static let smallCluster = 32

  /// - Parameter start: which node to look at first, so that the sample moves around; the first of equals wins.
  static func decide(_ request: Request, _ view: inout ClusterView, start: Int = 0, at now: Instant) -> Verdict {
    let pod = request.pod
    var verdict = Verdict(pod, at: now)
    var order = view.order()
    verdict.nodeCount = order.count
    verdict.mindsDevices = request.profile.filters.contains(.dynamicResources)
    if let blocker = request.blocker {
      verdict.blocker = blocker
      return verdict
    }
    if order.isEmpty { return verdict }
    let pass = FilterPass(request, &view)
    if let only = pass.only {
      order = order.filter(only.contains)
      verdict.unnamed = verdict.nodeCount - order.count
      if order.isEmpty { return verdict }
    }
    let claims = Nominations(pod, view)
    if let kept = view.nominated[pod.uid]?.node, let slot = view.nodes.slot(of: kept), view.nodes.isPresent[slot],
      claims.refusals(slot, request, pass, &view).isEmpty
    {
      verdict.choose(slot, view, visited: 1)
      return verdict
    }
    let fitting = visit(order, request, pass, claims, start, &view, &verdict)
    if fitting.isEmpty { return verdict }
    if fitting.count == 1 {
      verdict.choose(fitting[0], view, visited: verdict.visited)
    } else {
      let scores = Scores(request, fitting, pass, &view)
      verdict.choose(fitting[scores.best], view, visited: verdict.visited)
      verdict.keep(scores, fitting, view)
    }
    if verdict.nodeCount > smallCluster { verdict.refusals = [] }
    return verdict
  }

  /// The nodes that fit, enough of them; the reasons against the others go into the verdict.
  private static func visit(
    _ order: [Int], _ request: Request, _ pass: FilterPass, _ claims: Nominations, _ start: Int,
    _ view: inout ClusterView, _ verdict: inout Verdict
  ) -> [Int] {
    let limit = request.profile.sampleSize(order.count)
    var fitting: [Int] = []
    fitting.reserveCapacity(min(limit, order.count))
    var index = start % order.count
    for visited in 1...order.count {
      let slot = order[index]
      index = index + 1 == order.count ? 0 : index + 1
      let refusals = claims.refusals(slot, request, pass, &view)
      if refusals.isEmpty { fitting.append(slot) } else { verdict.refusals.append((view.nodes.names[slot], refusals)) }
      verdict.visited = visited
      if fitting.count == limit { break }
    }
    return fitting
  }
}

/// Pods of at least the same priority that wait for room on a node: a pod may only take what they leave, and must not
/// depend on their being there.
struct Nominations {
  private var waiting: [Int: [PodNeeds]] = [:]

  init(_ pod: PodNeeds, _ view: ClusterView) {
    for (other, node) in view.nominated.values where other.uid != pod.uid && other.priority >= pod.priority {
      if let slot = view.nodes.slot(of: node) { waiting[slot, default: []].append(other) }
    }
  }

  func refusals(_ slot: Int, _ request: Request, _ pass: FilterPass, _ view: inout ClusterView) -> [Refusal] {
    let refusals = pass.refusals(slot, view)
    guard refusals.isEmpty, !waiting.isEmpty, let others = waiting[slot] else { return refusals }
    let name = view.nodes.names[slot]
    for other in others { view.place(other, on: name) }
    let crowded = FilterPass(request, &view).refusals(slot, view)
    for other in others { view.remove(other.uid) }
    return crowded
  }
}
