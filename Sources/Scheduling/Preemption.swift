import Objects
import Values

/// Making room: which pods of lower priority would have to go for a pod to fit somewhere.
public enum Preemption {
  public struct Choice: Sendable {
    public let node: String
    public let victims: [PodNeeds]
  }

  /// - Parameter refusals: of the failed attempt; only nodes whose reasons can be cured are tried.
  /// - Returns: the node with the least loss, nil when no set of victims helps.
  public static func choose(
    for pod: PodNeeds, _ view: ClusterView, refusals: [String: [Refusal]]
  ) -> Choice? {
    if !pod.preemptsLower { return nil }
    var lowerByNode: [String: [PodNeeds]] = [:]
    for (uid, other) in view.pods where other.priority < pod.priority {
      if let place = view.places[uid] { lowerByNode[place, default: []].append(other) }
    }
    let choices = lowerByNode.compactMap { node, lower -> Choice? in
      guard refusals[node]?.allSatisfy(\.mayPreempt) == true else { return nil }
      return victims(on: node, lower, for: pod, view).map { Choice(node: node, victims: $0) }
    }
    return choices.min { rank($0).lexicographicallyPrecedes(rank($1)) || rank($0) == rank($1) && $0.node < $1.node }
  }

  /// Takes all lower pods away, then gives back as many as fit, the most important first.
  private static func victims(
    on name: String, _ lower: [PodNeeds], for pod: PodNeeds, _ view: ClusterView
  ) -> [PodNeeds]? {
    var trial = view
    for other in lower { trial.remove(other.uid) }
    func fits() -> Bool {
      guard let node = trial[node: name] else { return false }
      return Placement.refusals(pod, node, TopologyFilters(pod, trial)).isEmpty
    }
    if !fits() { return nil }
    let ordered = lower.sorted { left, right in
      left.priority == right.priority ? left.createdAt < right.createdAt : left.priority > right.priority
    }
    var victims: [PodNeeds] = []
    for other in ordered {
      trial.place(other, on: name)
      if !fits() {
        trial.remove(other.uid)
        victims.append(other)
      }
    }
    return victims.isEmpty ? nil : victims
  }

  /// Lower highest priority first, then the lower sum, then fewer, then the later started.
  private static func rank(_ choice: Choice) -> [Int64] {
    let priorities = choice.victims.map { Int64($0.priority) }
    let top = priorities.max() ?? 0
    let earliest = choice.victims.filter { Int64($0.priority) == top }.map(\.createdAt.seconds).min() ?? 0
    return [top, priorities.reduce(0) { $0 &+ $1 &+ (1 << 31) }, Int64(priorities.count), -earliest]
  }
}
