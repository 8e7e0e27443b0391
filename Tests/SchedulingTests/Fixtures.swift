import JSONCore
import Objects
import Reconciling
import Values

@testable import Scheduling

func makeNode(
  _ name: String, cpu: String = "4", memory: String = "8Gi", pods: String = "10", labels: JSON = [:],
  taints: [JSON] = [], unschedulable: Bool = false, more: JSON = [:], images: [JSON] = []
) -> Object {
  var labels = labels
  labels["kubernetes.io/hostname"] = .string(name)
  var allocatable: JSON = ["cpu": .string(cpu), "memory": .string(memory), "pods": .string(pods)]
  for (key, value) in more.object ?? Members() { allocatable[key] = value }
  let json: JSON = [
    "apiVersion": "v1", "kind": "Node",
    "metadata": ["name": .string(name), "uid": .string("node-\(name)"), "labels": labels],
    "spec": ["taints": .array(taints), "unschedulable": .bool(unschedulable)],
    "status": ["allocatable": allocatable, "images": .array(images)],
  ]
  return Object(key: Key(.nodes, name: name), revision: 1, blob: json.blob)
}

func makePod(
  _ name: String, cpu: String? = nil, memory: String? = nil, labels: JSON = [:], spec: JSON = [:],
  node: String? = nil, namespace: String = "default", status: JSON = [:], metadata: JSON = [:]
) -> Object {
  var spec = spec
  var requests: JSON = [:]
  if let cpu { requests["cpu"] = .string(cpu) }
  if let memory { requests["memory"] = .string(memory) }
  let container: JSON = ["name": "c", "image": "i", "resources": ["requests": requests]]
  if spec["containers"] == nil { spec["containers"] = [container] }
  if let node { spec["nodeName"] = .string(node) }
  var meta = metadata
  meta["name"] = .string(name)
  meta["namespace"] = .string(namespace)
  meta["uid"] = .string("pod-\(namespace)-\(name)")
  meta["labels"] = labels
  let json: JSON = [
    "apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status,
  ]
  return Object(key: Key(.pods, namespace: namespace, name: name), revision: 1, blob: json.blob)
}

func makeObject(_ resource: GroupResource, _ name: String, namespace: String = "", _ json: JSON) -> Object {
  var json = json
  json["metadata", default: .emptyObject]["name"] = .string(name)
  if !namespace.isEmpty { json["metadata", default: .emptyObject]["namespace"] = .string(namespace) }
  if json["metadata"]?["uid"] == nil { json["metadata", default: .emptyObject]["uid"] = .string("\(resource)-\(name)") }
  return Object(key: Key(resource, namespace: namespace, name: name), revision: 1, blob: json.blob)
}

/// A cluster in which pods are placed one after the other.
struct Bench {
  var view: ClusterView
  let snapshot: Snapshot
  var profile = Profile.stock
  var held = Reservations()

  init(_ objects: [Object]) {
    snapshot = Snapshot(revision: 1, objects: objects)
    view = ClusterView(snapshot)
  }

  mutating func decide(_ pod: Object, start: Int = 0) -> Verdict {
    let request = Request(PodNeeds(pod), profile, view, snapshot, held)
    return Placement.decide(request, &view, start: start, at: .epoch)
  }

  /// Decides, and puts the pod there.
  mutating func place(_ pod: Object, start: Int = 0) -> String? {
    let node = decide(pod, start: start).node
    if let node { view.place(PodNeeds(pod), on: node) }
    return node
  }

  /// As after a failed attempt: who would have to leave.
  mutating func preempt(_ pod: Object) -> (choice: Preemption.Choice?, verdict: Verdict) {
    let request = Request(PodNeeds(pod), profile, view, snapshot, held)
    var verdict = Placement.decide(request, &view, at: .epoch)
    let objects = snapshot
    let found = Preemption.find(request, verdict, Budget.all(objects), &view, at: .epoch)
    verdict.preemption = found.report
    return (found.choice, verdict)
  }
}

func decide(_ pod: Object, _ objects: [Object]) -> Verdict {
  var bench = Bench(objects)
  return bench.decide(pod)
}

extension Verdict {
  /// The plug-in that refused a node first.
  func refuser(_ node: String) -> Plugin? { refusals.first { $0.node == node }?.reasons.first?.plugin }

  func words(_ node: String) -> String? { refusals.first { $0.node == node }?.reasons.first?.words }
}

/// A small generator whose numbers are the same on every run.
struct SplitMix {
  var state: UInt64

  mutating func below(_ limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ value >> 31) % UInt64(limit))
  }

  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}
