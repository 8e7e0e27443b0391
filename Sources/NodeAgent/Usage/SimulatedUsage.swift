import JSONCore
import Objects
import Reconciling
import Values

/// What simulated containers use, as a pure function of the cluster: annotations say it, else the requests do.
///
/// | annotation `sim.swiftlet.dev/…` | on | meaning |
/// |---|---|---|
/// | `cpu` | pod | CPU of each container: `250m`, or `80%` of its request |
/// | `memory` | pod | memory of each container: `300Mi`, or `80%` of its request |
/// | `CONTAINER.cpu`, `CONTAINER.memory` | pod | the same for one container |
/// | `load` | Deployment, StatefulSet, ReplicaSet, …, Service | CPU that the ready pods share, beside what they use anyway |
///
/// Without any: what `StressLoad` reads from the command, and what answering requests costs. Else a tenth of the CPU request and two fifths of the memory request; 1m and 16Mi where nothing is requested.
/// CPU stays within the limit, as throttling would keep it.
public struct SimulatedUsage: UsageSource {
  /// What metrics-server averages over.
  static let window = Duration.seconds(15)
  /// What a node uses before any pod runs on it.
  private static let idleNode = Usage(cpu: Quantity(milli: 60), memory: Quantity(400 << 20, format: .binarySI))

  private let traffic: Traffic?

  /// - Parameter traffic: what requests cost the pods that answer them; nil where there are none.
  public init(traffic: Traffic? = nil) { self.traffic = traffic }

  public func usage(of pods: [Object], in snapshot: Snapshot, at now: Instant) -> [PodUsage] {
    var loads = SharedLoads(snapshot)
    return pods.compactMap { sample($0, $0.json, &loads, now) }
  }

  public func usage(ofNodes nodes: [Object], in snapshot: Snapshot, at now: Instant) -> [NodeUsage] {
    let names = Set(nodes.filter { !NodeSigns($0.json).isUnreachable }.map(\.name))
    var loads = SharedLoads(snapshot)
    var totals: [String: Usage] = [:]
    for pod in snapshot.objects(.pods) {
      let facts = PodFacts(pod)
      guard names.contains(facts.nodeName), let sample = sample(pod, pod.json, &loads, now) else { continue }
      totals[facts.nodeName, default: Self.idleNode] += sample.total
    }
    return nodes.filter { names.contains($0.name) }.map { node in
      NodeUsage(node: node.name, time: now, window: Self.window, usage: totals[node.name] ?? Self.idleNode)
    }
  }

  private func sample(_ pod: Object, _ json: JSON, _ loads: inout SharedLoads, _ now: Instant) -> PodUsage? {
    let status = json["status"] ?? .emptyObject
    let running = (status.list("containerStatuses") + status.list("initContainerStatuses"))
      .filter { $0.at("state", "running") != nil }.map { $0.text("name") }
    let spec = json["spec"] ?? .emptyObject
    let containers = (spec.list("containers") + spec.list("initContainers"))
      .filter { running.contains($0.text("name")) }
    if containers.isEmpty { return nil }
    // Work that comes from outside goes to the first container, which is the main one.
    let share = loads.share(of: pod) + (traffic?.cpu(of: pod.uid, at: now) ?? .zero)
    let samples = containers.enumerated().map { index, container in
      let wishes = UsageWishes(
        Annotations(json, container: container.text("name")), container["resources"] ?? .emptyObject,
        StressLoad(
          image: container.text("image"), command: container.list("command").compactMap(\.string),
          arguments: container.list("args").compactMap(\.string)))
      return PodUsage.Container(
        name: container.text("name"), usage: wishes.usage(extra: index == 0 ? share : .zero))
    }
    return PodUsage(pod: pod.key, time: now, window: Self.window, containers: samples)
  }
}

/// What one container of a pod is to use.
struct UsageWishes {
  private let cpu: Quantity
  private let memory: Quantity
  private let cpuLimit: Quantity?

  init(_ annotations: Annotations, _ resources: JSON, _ stress: StressLoad?) {
    func amount(_ resource: String, usual: Int128, least: Quantity, stress: Quantity?) -> Quantity {
      let base = Quantity(resources.at("requests", resource)) ?? Quantity(resources.at("limits", resource))
      if let text = annotations[resource] {
        if let wish = Self.amount(text, of: base ?? least) { return wish }
      }
      if let stress, !stress.isZero { return stress }
      guard let base else { return least }
      return Quantity(nanos: base.nanos / 100 * usual, format: base.format)
    }
    cpu = amount(
      "cpu", usual: 10, least: Quantity(milli: 1), stress: stress.map { Quantity(milli: Int64($0.cpu * 1000)) })
    memory = amount(
      "memory", usual: 40, least: Quantity(16 << 20, format: .binarySI),
      stress: stress.map { Quantity($0.memory, format: .binarySI) })
    cpuLimit = Quantity(resources.at("limits", "cpu"))
  }

  func usage(extra: Quantity) -> Usage {
    let wanted = cpu + extra
    return Usage(cpu: cpuLimit.map { min($0, wanted) } ?? wanted, memory: memory)
  }

  /// `250m`, or `80%` of something; nil when it is neither, or negative.
  static func amount(_ text: String, of base: Quantity) -> Quantity? {
    guard text.last == "%" else {
      let quantity = Quantity(.string(text))
      return quantity.flatMap { $0 < .zero ? nil : $0 }
    }
    guard let percent = Int64(text.dropLast()), (0...100_000).contains(percent) else { return nil }
    let (nanos, overflow) = base.nanos.multipliedReportingOverflow(by: Int128(percent))
    return overflow ? nil : Quantity(nanos: nanos / 100, format: base.format)
  }
}
