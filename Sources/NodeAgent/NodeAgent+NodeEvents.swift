import JSONCore
import Objects
import Reconciling
import Values

/// What kubelets tell of their nodes.
extension NodeAgent {
  /// Nobody reads how each node of a large cluster begins.
  private static let tellingNodes = 100

  private static let transitions: [String: (good: String, bad: String)] = [
    "MemoryPressure": ("NodeHasSufficientMemory", "NodeHasInsufficientMemory"),
    "DiskPressure": ("NodeHasNoDiskPressure", "NodeHasDiskPressure"),
    "PIDPressure": ("NodeHasSufficientPID", "NodeHasInsufficientPID"), "Ready": ("NodeReady", "NodeNotReady"),
  ]

  func noteNode(_ node: String, _ severity: EventNote.Severity, _ reason: String, _ message: String) {
    // Kubelets do not know the UID of their node when they begin to talk.
    let about: JSON = ["apiVersion": "v1", "kind": "Node", "name": .string(node), "uid": .string(node)]
    recorder.record(EventNote(about, severity, reason, message), from: Self.component, on: node)
  }

  private func noteNode(_ node: String, isNow reason: String) {
    noteNode(node, .normal, reason, "Node \(node) status is now: \(reason)")
  }

  func noteStart(of node: String) {
    if configuration.count <= Self.tellingNodes { noteNode(node, .normal, "Starting", "Starting kubelet.") }
  }

  /// The conditions that have turned with a write of the status.
  func noteTransitions(of node: String, from old: JSON?, to new: JSON) {
    let before = Conditions(old)
    if before.list.isEmpty, configuration.count > Self.tellingNodes { return }
    for condition in new.list("conditions") {
      let (type, status) = (condition.text("type"), condition.text("status"))
      guard let words = Self.transitions[type], before.status(type) != status else { continue }
      let isGood = (status == "True") == (type == "Ready")
      noteNode(node, isNow: isGood ? words.good : words.bad)
    }
  }

  /// `kubectl cordon`, and its end. On the loop.
  func noteScheduling(of node: SimulatedNode, _ json: JSON) {
    let isUnschedulable = json.at("spec", "unschedulable")?.bool == true
    if node.isLost || node.isUnschedulable == isUnschedulable { return }
    state.value.nodes[node.name]?.isUnschedulable = isUnschedulable
    noteNode(node.name, isNow: isUnschedulable ? "NodeNotSchedulable" : "NodeSchedulable")
  }
}
