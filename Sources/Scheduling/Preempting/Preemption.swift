import Objects
import Values

/// Making room: which pods of lower priority would have to go for a pod to fit somewhere.
struct Preemption {
  struct Choice: Sendable {
    let node: String
    let victims: [PodNeeds]
    let violations: Int
    /// When the most important of the victims started; the latest hurts least.
    let startedAt: Instant
  }

  private static let noVictims = "No preemption victims found for incoming pod"

  /// Enough nodes where it would work are enough: this many, or a tenth of all.
  private static let leastCandidates = 100

  private let request: Request
  private let budgets: [Budget]
  private let now: Instant
  private let nominations: Nominations
  private let pass: FilterPass

  init(_ request: Request, _ budgets: [Budget], _ view: inout ClusterView, at now: Instant) {
    self.request = request
    self.budgets = budgets
    self.now = now
    nominations = Nominations(request.pod, view)
    pass = FilterPass(request, &view)
  }

  /// Looks for the node with the least loss, among those whose reasons pods are to blame for. The view is left as it was.
  /// - Parameter start: with which of them to begin.
  static func find(
    _ request: Request, _ verdict: Verdict, _ budgets: @autoclosure () -> [Budget], _ view: inout ClusterView,
    start: Int = 0, at now: Instant
  ) -> (choice: Choice?, report: PreemptionReport) {
    if let reason = ineligibility(request.pod, verdict, view) { return (nil, .ineligible(reason)) }
    let curable = verdict.refusals.filter { $0.reasons.allSatisfy(\.isCurable) }.map(\.node)
    if verdict.blocker != nil || curable.isEmpty {
      return (nil, .useless(reasons: [], unhelpful: verdict.nodeCount))
    }
    if !view.hasPods(below: request.pod.priority) {
      let reasons = Array(repeating: noVictims, count: curable.count)
      return (nil, .useless(reasons: reasons, unhelpful: verdict.nodeCount - curable.count))
    }
    let search = Preemption(request, budgets(), &view, at: now)
    var choices: [Choice] = []
    var reasons: [String] = []
    let enough = max(leastCandidates, curable.count / 10)
    for offset in curable.indices {
      let node = curable[(start + offset) % curable.count]
      guard let slot = view.nodes.slot(of: node) else { continue }
      switch search.victims(on: slot, &view) {
      case .success(let choice): choices.append(choice)
      case .failure(let refusal): reasons += refusal.reasons
      }
      if choices.count >= enough, choices.contains(where: { $0.violations == 0 }) { break }
    }
    if let best = choices.min(by: precedes) {
      return (best, .victims(node: best.node, names: best.victims.map(\.key)))
    }
    return (nil, .useless(reasons: reasons, unhelpful: verdict.nodeCount - curable.count))
  }

  /// Why a pod may not ask others to leave; nil when it may.
  private static func ineligibility(_ pod: PodNeeds, _ verdict: Verdict, _ view: ClusterView) -> String? {
    if !pod.preemptsLower { return "not eligible due to preemptionPolicy=Never." }
    guard let node = view.nominated[pod.uid]?.node, let slot = view.nodes.slot(of: node) else { return nil }
    let refusal = verdict.refusals.first { $0.node == node }
    if refusal?.reasons.contains(where: { !$0.isCurable }) ?? false { return nil }
    let isWaiting = view.residents[slot].contains { uid in
      view.placed[uid].map { $0.isPreempted && $0.pod.priority < pod.priority } ?? false
    }
    return isWaiting ? "not eligible due to a terminating pod on the nominated node." : nil
  }

  private struct Useless: Error {
    var reasons: [String]
  }

  /// Takes all lower pods away, then gives back as many as fit: first those that budgets protect, the most important
  /// first.
  private func victims(on slot: Int, _ view: inout ClusterView) -> Result<Choice, Useless> {
    let lower = view.residents[slot].compactMap { view.placed[$0] }.filter { $0.pod.priority < request.pod.priority }
    if lower.isEmpty { return .failure(Useless(reasons: [Self.noVictims])) }
    for other in lower { view.remove(other.pod.uid) }
    var victims: [ClusterView.Placed] = []
    var violations = 0
    let refusals = refusals(slot, &view)
    if refusals.isEmpty {
      let ordered = lower.sorted(by: isMoreImportant)
      let isProtected = Budget.violations(ordered.map(\.pod), budgets)
      for wanted in [true, false] {
        for (other, isViolating) in zip(ordered, isProtected) where isViolating == wanted {
          view.restore(other)
          if self.refusals(slot, &view).isEmpty { continue }
          view.remove(other.pod.uid)
          victims.append(other)
          if isViolating { violations += 1 }
        }
      }
      for victim in victims { view.restore(victim) }
    } else {
      for other in lower { view.restore(other) }
      return .failure(Useless(reasons: refusals.map(\.reason)))
    }
    victims.sort(by: isMoreImportant)
    guard let first = victims.first else { return .failure(Useless(reasons: [Self.noVictims])) }
    let top = victims.prefix { $0.pod.priority == first.pod.priority }
    return .success(
      Choice(
        node: view.nodes.names[slot], victims: victims.map(\.pod), violations: violations,
        startedAt: top.map { $0.startedAt ?? now }.min() ?? now))
  }

  private func refusals(_ slot: Int, _ view: inout ClusterView) -> [Refusal] {
    let pass = pass.looksFurther ? FilterPass(request, &view) : pass
    return nominations.refusals(slot, request, pass, &view)
  }

  private func isMoreImportant(_ left: ClusterView.Placed, _ right: ClusterView.Placed) -> Bool {
    if left.pod.priority != right.pod.priority { return left.pod.priority > right.pod.priority }
    return (left.startedAt ?? now) < (right.startedAt ?? now)
  }

  /// Fewest violations, then the lower top priority, the lower sum, fewer pods, the later start, the name.
  private static func precedes(_ left: Choice, _ right: Choice) -> Bool {
    let (leftRank, rightRank) = (rank(left), rank(right))
    return leftRank == rightRank ? left.node < right.node : leftRank.lexicographicallyPrecedes(rightRank)
  }

  private static func rank(_ choice: Choice) -> [Int64] {
    let priorities = choice.victims.map { Int64($0.priority) }
    let sum = priorities.reduce(Int64(0)) { $0 &+ $1 &+ (1 << 31) }
    return [
      Int64(choice.violations), priorities.max() ?? 0, sum, Int64(priorities.count), 0 &- choice.startedAt.nanoseconds,
    ]
  }
}
