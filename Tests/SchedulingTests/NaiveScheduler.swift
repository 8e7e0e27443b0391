import JSONCore
import Objects
import Values

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A pod and a node of the property test, as few fields as the rules need.
struct ToyPod {
  struct Term {
    var key: String
    var app: String
    /// 0 for required terms.
    var weight = 0
  }

  struct Spread {
    var key: String
    var app: String
    var skew: Int
    var isHard: Bool
  }

  var name: String
  var app: String
  /// In thousandths.
  var cpu: Int
  /// In MiB.
  var memory: Int
  var disk: String?
  var tolerates = false
  var near: [Term] = []
  var far: [Term] = []
  var likes: [Term] = []
  var dislikes: [Term] = []
  var spread: [Spread] = []
  var port: Int?
  var priority = 0
  /// The hour of its start.
  var started = 0
  var node: Int?

  var object: Object {
    var container: JSON = [
      "name": "c", "image": "i",
      "resources": ["requests": ["cpu": .string("\(cpu)m"), "memory": .string("\(memory)Mi")]],
    ]
    if let port { container["ports"] = [["containerPort": JSON(port), "hostPort": JSON(port)]] }
    var spec: JSON = ["containers": [container], "priority": JSON(priority)]
    if let disk { spec["nodeSelector"] = ["disk": .string(disk)] }
    if tolerates { spec["tolerations"] = [["operator": "Exists"]] }
    spec["affinity"] = [
      "podAffinity": Self.affinity(near, likes), "podAntiAffinity": Self.affinity(far, dislikes),
    ]
    spec["topologySpreadConstraints"] = .array(
      spread.map {
        [
          "topologyKey": .string($0.key), "maxSkew": JSON($0.skew),
          "whenUnsatisfiable": $0.isHard ? "DoNotSchedule" : "ScheduleAnyway",
          "labelSelector": ["matchLabels": ["app": .string($0.app)]],
        ]
      })
    let start = Instant.epoch + .seconds(started * 3600)
    return makePod(name, labels: ["app": .string(app)], spec: spec, status: ["startTime": .string(start.rfc3339)])
  }

  private static func affinity(_ hard: [Term], _ soft: [Term]) -> JSON {
    func json(_ term: Term) -> JSON {
      ["topologyKey": .string(term.key), "labelSelector": ["matchLabels": ["app": .string(term.app)]]]
    }
    return [
      "requiredDuringSchedulingIgnoredDuringExecution": .array(hard.map(json)),
      "preferredDuringSchedulingIgnoredDuringExecution": .array(
        soft.map { ["weight": JSON($0.weight), "podAffinityTerm": json($0)] }),
    ]
  }
}

struct ToyNode {
  var name: String
  var cpu: Int
  var memory: Int
  var pods: Int
  var labels: [String: String]
  var isTainted: Bool

  var object: Object {
    makeNode(
      name, cpu: "\(cpu)m", memory: "\(memory)Mi", pods: "\(pods)", labels: JSON(labels),
      taints: isTainted ? [["key": "t", "value": "", "effect": "NoSchedule"]] : [])
  }
}

/// The rules written down once more, as plainly as can be: every question goes through all the pods.
struct NaiveScheduler {
  var nodes: [ToyNode]
  var pods: [ToyPod] = []

  func on(_ node: Int) -> [ToyPod] { pods.filter { $0.node == node } }

  func value(_ node: Int?, _ key: String) -> String? {
    node.flatMap { key == "kubernetes.io/hostname" ? nodes[$0].name : nodes[$0].labels[key] }
  }

  /// How many pods of an app are on nodes with the same value as this one.
  private func count(_ app: String, _ key: String, like node: Int) -> Int {
    guard let here = value(node, key) else { return 0 }
    return pods.count { $0.app == app && value($0.node, key) == here }
  }

  // MARK: Filters

  func fits(_ pod: ToyPod, _ node: Int) -> Bool {
    let there = on(node)
    let it = nodes[node]
    if it.isTainted && !pod.tolerates { return false }
    if let disk = pod.disk, it.labels["disk"] != disk { return false }
    if let port = pod.port, there.contains(where: { $0.port == port }) { return false }
    if there.count >= it.pods || there.reduce(pod.cpu, { $0 + $1.cpu }) > it.cpu
      || there.reduce(pod.memory, { $0 + $1.memory }) > it.memory
    {
      return false
    }
    return isSpread(pod, node) && hasCompany(pod, node)
  }

  private func isEligible(_ pod: ToyPod, _ node: Int, _ keys: [String]) -> Bool {
    keys.allSatisfy { value(node, $0) != nil } && (pod.disk == nil || nodes[node].labels["disk"] == pod.disk)
  }

  func isSpread(_ pod: ToyPod, _ node: Int) -> Bool {
    let hard = pod.spread.filter(\.isHard)
    let eligible = nodes.indices.filter { isEligible(pod, $0, hard.map(\.key)) }
    for rule in hard {
      guard let here = value(node, rule.key) else { return false }
      var counts: [String: Int] = [:]
      for other in eligible {
        counts[value(other, rule.key)!, default: 0] += on(other).count { $0.app == rule.app }
      }
      let own = (counts[here] ?? 0) + (pod.app == rule.app ? 1 : 0)
      if own - (counts.values.min() ?? 0) > rule.skew { return false }
    }
    return true
  }

  private func hasCompany(_ pod: ToyPod, _ node: Int) -> Bool {
    if pod.near.contains(where: { value(node, $0.key) == nil }) { return false }
    // A pod counts as company when it meets all terms.
    let company = pods.filter { other in pod.near.allSatisfy { $0.app == other.app } }
    let isMet = pod.near.allSatisfy { term in
      company.contains { value($0.node, term.key) == value(node, term.key) }
    }
    let isFirst =
      pod.near.allSatisfy { $0.app == pod.app }
      && !company.contains { other in pod.near.contains { value(other.node, $0.key) != nil } }
    if !pod.near.isEmpty && !isMet && !isFirst { return false }
    if pod.far.contains(where: { count($0.app, $0.key, like: node) > 0 }) { return false }
    return !pods.contains { other in
      other.far.contains { term in
        term.app == pod.app && value(other.node, term.key) != nil
          && value(other.node, term.key) == value(node, term.key)
      }
    }
  }

  // MARK: Scores

  /// The total of each of `fitting`, in their order.
  func scores(_ pod: ToyPod, _ fitting: [Int]) -> [Int] {
    let wishes = company(pod, fitting)
    let even = spread(pod, fitting)
    return fitting.indices.map { index in
      2 * wishes[index] + 2 * even[index] + resources(pod, fitting[index])
    }
  }

  private func resources(_ pod: ToyPod, _ node: Int) -> Int {
    let it = nodes[node]
    let cpu = on(node).reduce(pod.cpu) { $0 + $1.cpu }
    let memory = on(node).reduce(pod.memory) { $0 + $1.memory } << 20
    let fit = ((it.cpu - cpu) * 100 / it.cpu + ((it.memory << 20) - memory) * 100 / (it.memory << 20)) / 2
    let shares = (Double(cpu) / Double(it.cpu), Double(memory) / Double(it.memory << 20))
    return fit + Int((1 - abs(shares.0 - shares.1) / 2) * 100)
  }

  private func company(_ pod: ToyPod, _ fitting: [Int]) -> [Int] {
    let sums = fitting.map { node -> Int in
      var sum = 0
      for term in pod.likes { sum += term.weight * count(term.app, term.key, like: node) }
      for term in pod.dislikes { sum -= term.weight * count(term.app, term.key, like: node) }
      for other in pods {
        func add(_ terms: [ToyPod.Term], _ factor: (ToyPod.Term) -> Int) {
          for term in terms where term.app == pod.app {
            guard let there = value(other.node, term.key), there == value(node, term.key) else { continue }
            sum += factor(term)
          }
        }
        add(other.near) { _ in 1 }
        add(other.likes, \.weight)
        add(other.dislikes) { -$0.weight }
      }
      return sum
    }
    let (least, most) = (sums.min()!, sums.max()!)
    return sums.map { most == least ? 0 : Int(100 * Double($0 - least) / Double(most - least)) }
  }

  private func spread(_ pod: ToyPod, _ fitting: [Int]) -> [Int] {
    let soft = pod.spread.filter { !$0.isHard }
    if soft.isEmpty { return fitting.map { _ in 0 } }
    let counted = fitting.filter { node in soft.allSatisfy { value(node, $0.key) != nil } }
    let sums = fitting.map { node -> Int? in
      if !counted.contains(node) { return nil }
      var sum = 0.0
      for rule in soft {
        let isHost = rule.key == "kubernetes.io/hostname"
        let size = isHost ? counted.count : Set(counted.map { value($0, rule.key) }).count
        let matches = nodes.indices.filter { other in
          isHost
            ? other == node : value(other, rule.key) == value(node, rule.key) && isEligible(pod, other, soft.map(\.key))
        }.reduce(0) { $0 + on($1).count { $0.app == rule.app } }
        sum += Double(matches) * log(Double(size + 2)) + Double(rule.skew - 1)
      }
      return Int(sum.rounded())
    }
    let known = sums.compactMap { $0 }
    let (least, most) = (known.min() ?? 0, known.max() ?? 0)
    return sums.map { sum in sum.map { most == 0 ? 100 : 100 * (most + least - $0) / most } ?? 0 }
  }
}
