import JSONCore
import Objects
import Reconciling
import Values

/// Which pods a ReplicaSet gives up first when it has too many.
struct PodDeletionOrder {
  /// How many ready pods of the same owner's ReplicaSets each node has.
  private let readyOnNode: [String: Int]
  private let now: Instant

  init(related: [PodFacts], now: Instant) {
    self.now = now
    readyOnNode = related.reduce(into: [:]) { counts, pod in if pod.isReady { counts[pod.nodeName, default: 0] += 1 } }
  }

  /// The `count` pods that go first.
  func victims(of pods: [PodFacts], count: Int) -> [PodFacts] {
    if count >= pods.count { return pods }
    return pods.map { ($0, rank(of: $0)) }.sorted { $0.1.lexicographicallyPrecedes($1.1) }.prefix(count).map(\.0)
  }

  /// Smaller goes first, compared number by number.
  private func rank(of pod: PodFacts) -> [Int64] {
    let phases = ["Pending": 0, "Unknown": 1, "Running": 2]
    let cost =
      RawJSON(pod.object.blob.bytes).member("metadata")?.member("annotations")?
      .member("controller.kubernetes.io/pod-deletion-cost").flatMap { Int64($0.string) } ?? 0
    let readyFor = pod.isReady ? (pod.readySince.map { max(0, (now - $0).inSeconds) } ?? 0) : 0
    let age = max(0, (now - pod.createdAt).inSeconds)
    return [
      pod.nodeName.isEmpty ? 0 : 1,
      Int64(phases[pod.phase] ?? 0),
      pod.isReady ? 1 : 0,
      cost,
      -Int64(readyOnNode[pod.nodeName] ?? 0),
      Self.bucket(readyFor),
      -Int64(pod.restartCount),
      Self.bucket(age),
      Self.order(of: pod.uid),
    ]
  }

  /// Logarithmic, so that pods of about the same age are chosen from evenly and not always the youngest.
  private static func bucket(_ seconds: Double) -> Int64 {
    let whole = UInt64(min(max(seconds, 0), 1e15)) + 1
    return Int64(UInt64.bitWidth - whole.leadingZeroBitCount)
  }

  private static func order(of uid: String) -> Int64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in uid.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int64(hash >> 1)
  }
}
