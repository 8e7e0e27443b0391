import JSONCore
import Objects
import Reconciling
import Values

/// Tells kubelets for how many seconds they may trust what they have read of secrets and config maps: longer in large clusters.
public struct NodeTimeToLive: Controller {
  public let name = "ttl-controller"

  private static let annotation = "node.alpha.kubernetes.io/ttl"

  /// From `least` to `most` nodes it is `seconds`; the overlap keeps it from swinging.
  private static let steps: [(least: Int, most: Int, seconds: Int)] = [
    (0, 100, 0), (90, 500, 15), (450, 1000, 30), (900, 2000, 60), (1800, 10_000, 300),
  ]

  public init() {}

  public var watches: [Watch] { [.each(.nodes)] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let node = snapshot[key] else { return .nothing }
    let annotations = node.metadata?.member("annotations")?.decoded()
    let present = annotations?[Self.annotation]?.string
    let wanted = String(Self.seconds(from: present.flatMap { Int($0) } ?? 0, nodes: snapshot.count(.nodes)))
    if present == wanted { return .nothing }
    return Plan([.patch(key, ["metadata": ["annotations": [Self.annotation: .string(wanted)]]])])
  }

  static func seconds(from present: Int, nodes count: Int) -> Int {
    var step = steps.firstIndex { $0.seconds == present } ?? 0
    while step + 1 < steps.count, count > steps[step].most { step += 1 }
    while step > 0, count < steps[step].least { step -= 1 }
    return steps[step].seconds
  }
}
