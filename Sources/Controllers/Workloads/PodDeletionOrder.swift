import JSONCore
import Objects
import Reconciling
import Values

/// Which pods a workload gives up first when it has too many.
struct PodDeletionOrder {
  /// How finely ages are told apart.
  enum Ages {
    /// By powers of two, so that pods of about the same age are chosen from evenly and not always the youngest.
    case roughly
    case exactly
  }

  /// How many active pods of the same owner's ReplicaSets each node has.
  private let activeOnNode: [String: Int]
  private let ages: Ages
  private let now: Instant

  init(related: [PodFacts] = [], ages: Ages = .roughly, now: Instant) {
    self.ages = ages
    self.now = now
    activeOnNode = related.reduce(into: [:]) { $0[$1.nodeName, default: 0] += 1 }
  }

  /// The `count` pods that go first.
  func victims(of pods: [PodFacts], count: Int) -> [PodFacts] {
    if count >= pods.count { return pods }
    return pods.map { ($0, rank(of: $0)) }
      .sorted { $0.1 == $1.1 ? $0.0.uid < $1.0.uid : $0.1.lexicographicallyPrecedes($1.1) }.prefix(count).map(\.0)
  }

  /// Smaller goes first, compared number by number.
  private func rank(of pod: PodFacts) -> [Int64] {
    let phases = ["Pending": 0, "Unknown": 1, "Running": 2]
    let cost =
      pod.object.metadata?.member("annotations")?
      .member("controller.kubernetes.io/pod-deletion-cost").flatMap { Int64($0.string) } ?? 0
    return [
      pod.nodeName.isEmpty ? 0 : 1,
      Int64(phases[pod.phase] ?? 0),
      pod.isReady ? 1 : 0,
      cost,
      -Int64(activeOnNode[pod.nodeName] ?? 0),
      pod.isReady ? age(pod.readySince) : 0,
      -Int64(pod.restartCount),
      age(pod.createdAt),
    ]
  }

  private func age(_ since: Instant?) -> Int64 {
    guard let since else { return -1 }
    let nanoseconds = (now - since).nanoseconds
    switch ages {
    case .exactly: return nanoseconds
    case .roughly: return nanoseconds <= 0 ? -1 : Int64(Int64.bitWidth - nanoseconds.leadingZeroBitCount)
    }
  }
}
