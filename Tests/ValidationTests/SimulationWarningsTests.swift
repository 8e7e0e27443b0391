import JSONCore
import Objects
import Testing

@testable import Validation

/// Settings of simulated pods and nodes that would have no effect are told of.
@Suite struct SimulationWarningsTests {
  private static let pods = GroupResource("", "pods")

  private static func pod(_ annotations: JSON) -> JSON {
    ["metadata": ["name": "p", "annotations": annotations], "spec": ["containers": [["name": "c", "image": "i"]]]]
  }

  @Test(
    arguments: [
      ("run-seconds", "2.5", nil), ("c.exit-code", "3", nil), ("evict", "true", nil), ("memory", "80%", nil),
      ("readiness", "fail: no", nil), ("listen", "80,81", nil),
      ("run-secnds", "5", "unknown, and so without effect on a pod"),
      ("x.exit-code", "3", "there is no container \"x\""),
      ("c.evict", "true", "unknown, and so without effect on a pod"),
      ("run-seconds", "5s", "\"5s\" cannot be read: it must be a number of seconds"),
      ("exit-code", "256", "\"256\" cannot be read: it must be a number from 0 to 255"),
      ("readiness", "no", "\"no\" cannot be read: it must be succeed, fail, or fail: MESSAGE"),
      ("unreachable", "true", "unknown, and so without effect on a pod"),
    ] as [(String, String, String?)])
  func settingsOfPods(_ key: String, _ value: String, _ text: String?) {
    let name = "sim.swiftlet.dev/" + key
    let pod = Self.pod(.object(Members([(name, .string(value))])))
    let texts = text.map { ["metadata.annotations[\(name)]: \($0)"] } ?? []
    #expect(Warnings.create(Self.pods, pod) == texts)
    #expect(Warnings.update(Self.pods, new: pod, old: Self.pod([:])) == texts)
    #expect(Warnings.update(Self.pods, new: pod, old: pod).isEmpty)
  }

  @Test func settingsOfTemplatesAndNodes() {
    let deployment: JSON = ["metadata": ["name": "d"], "spec": ["template": Self.pod(["sim.swiftlet.dev/x": "1"])]]
    #expect(
      Warnings.create(GroupResource("apps", "deployments"), deployment) == [
        "spec.template.metadata.annotations[sim.swiftlet.dev/x]: unknown, and so without effect on a pod"
      ])
    let node: JSON = [
      "metadata": ["annotations": ["sim.swiftlet.dev/notready": "x", "sim.swiftlet.dev/not-ready": "x"]]
    ]
    #expect(
      Warnings.update(GroupResource("", "nodes"), new: node, old: [:]) == [
        "metadata.annotations[sim.swiftlet.dev/notready]: unknown, and so without effect on a node"
      ])
  }
}
