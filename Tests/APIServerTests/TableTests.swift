import JSONCore
import Objects
import Schemas
import Testing
import Values

@testable import APIServer

@Suite struct TableTests {
  /// The cells of the one row that an object makes, by the names of their columns.
  private func cells(_ group: String, _ version: String, _ resource: String, _ object: JSON) throws -> [String: JSON] {
    let row = try #require(try rows(group, version, resource, [object]).first)
    let kind = try kind(group, version, resource)
    return Dictionary(uniqueKeysWithValues: zip(kind.columns.map(\.name), row["cells"]?.array ?? []))
  }

  private func rows(_ group: String, _ version: String, _ resource: String, _ objects: [JSON]) throws -> [JSON] {
    let table = Table(
      kind: try kind(group, version, resource), version: "v1", included: .none, now: Instant(seconds: 1_000_000))
    return table.json(objects, metadata: [:]).list("rows")
  }

  private func kind(_ group: String, _ version: String, _ resource: String) throws -> Kind {
    try #require(Catalog.builtIn.kind(group: group, version: version, resource: resource))
  }

  @Test func selectorsAreShown() throws {
    let selector: JSON = ["matchLabels": ["a": "b"], "matchExpressions": [["key": "z", "operator": "Exists"]]]
    let policy = try cells("networking.k8s.io", "v1", "networkpolicies", ["spec": ["podSelector": selector]])
    #expect(policy["Pod-Selector"] == "a=b,z")
    let daemons = try cells(
      "apps", "v1", "daemonsets", ["spec": ["template": ["spec": ["nodeSelector": ["disk": "ssd", "a": "b"]]]]])
    #expect(daemons["Node Selector"] == "a=b,disk=ssd")
    let binding: JSON = ["policyName": "p", "paramRef": ["selector": selector]]
    let shown = try cells(
      "admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", ["spec": binding])["ParamRef"]
    #expect(
      shown
        == .string(
          "&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{"
            + "LabelSelectorRequirement{Key:z,Operator:Exists,Values:[],},},}"))
  }

  @Test(arguments: [
    ("string", #".status.conditions[?(@.type=="Ready")].status"#, JSON.string("True")),
    ("string", ".spec.size", "3"), ("string", ".spec.parts", #"["a","b"]"#), ("string", ".spec.parts[*]", "a"),
    ("string", ".spec.missing", nil), ("string", ".spec.parts[5]", nil), ("integer", ".spec.size", 3),
    ("integer", ".spec.share", 1), ("integer", ".spec.name", nil), ("number", ".spec.share", 1.5),
    ("boolean", ".spec.on", true), ("boolean", ".spec.size", nil), ("date", ".spec.since", "10s"),
    ("date", ".spec.name", "<invalid>"), ("date", ".spec.size", nil),
  ])
  func columnsOfCustomResourcesGoByTheirType(_ type: String, _ path: String, _ cell: JSON?) throws {
    let spec: JSON = [
      "size": 3, "share": 1.5, "name": "x", "on": true, "parts": ["a", "b"], "since": "1970-01-12T13:46:30Z",
    ]
    let conditions: JSON = [["type": "Synced", "status": "False"], ["type": "Ready", "status": "True"]]
    var table = Table(
      kind: try kind("", "v1", "configmaps"), version: "v1", included: .none, now: Instant(seconds: 1_000_000))
    table.columns = [Column(name: "X", type: type, source: .jsonPath(try #require(JSONPath(path))))]
    let shown = table.json([["spec": spec, "status": ["conditions": conditions]]], metadata: [:]).list("rows")
    #expect(shown.first?.list("cells") == [cell ?? .null])
  }

  @Test func addressesAreShown() throws {
    let waiting: JSON = ["subsets": [["notReadyAddresses": [["ip": "10.0.0.1"]], "ports": [["port": 80]]]]]
    #expect(try cells("", "v1", "endpoints", waiting)["Endpoints"] == "")
    #expect(try cells("", "v1", "endpoints", [:])["Endpoints"] == "<none>")
    let slice: JSON = ["ports": [["port": 80], ["name": "x"], ["port": 81], ["port": 82]]]
    #expect(try cells("discovery.k8s.io", "v1", "endpointslices", slice)["Ports"] == "80,x,81 + 1 more...")
    let pod: JSON = ["status": ["podIP": "10.0.0.9"]]
    #expect(try cells("", "v1", "pods", pod)["IP"] == "10.0.0.9")
    let rules: JSON = [["host": "a"], [:], ["host": "b"], ["host": "c"], [:]]
    #expect(
      try cells("networking.k8s.io", "v1", "ingresses", ["spec": ["rules": rules]])["Hosts"] == "a,b,c + 2 more...")
    let parent: JSON = ["group": "x.io", "resource": "Things", "name": "n"]
    let made = try rows("networking.k8s.io", "v1", "ipaddresses", [["spec": ["parentRef": parent]]])
    #expect(made[0].list("cells")[1] == "things.x.io/n")
  }

  @Test func autoscalersShowWhatThereIs() throws {
    let metrics: JSON = [
      ["type": "Pods", "pods": ["target": ["averageValue": "1k"]]],
      ["type": "External", "external": ["target": ["averageValue": "30"]]],
    ]
    let object: JSON = [
      "spec": ["maxReplicas": 3, "minReplicas": 2, "metrics": metrics],
      "status": ["currentReplicas": 1, "desiredReplicas": 2],
    ]
    let shown = try cells("autoscaling", "v2", "horizontalpodautoscalers", object)
    #expect(shown["Targets"] == "<unknown>/1k, <unknown>/30 (avg)")
    #expect(shown["MinPods"] == "2")
    #expect(shown["MaxPods"] == 3)
    #expect(shown["Replicas"] == 1)
  }

  @Test func theOldAnnotationNamesTheClass() throws {
    let claim: JSON = [
      "metadata": ["annotations": ["volume.beta.kubernetes.io/storage-class": "old"]],
      "spec": ["storageClassName": "new"],
    ]
    #expect(try cells("", "v1", "persistentvolumeclaims", claim)["StorageClass"] == "old")
  }

  @Test func flowSchemasStandInTheirOrder() throws {
    func schema(_ name: String, _ precedence: Int) -> JSON {
      ["metadata": ["name": .string(name)], "spec": ["matchingPrecedence": JSON(precedence)]]
    }
    let made = try rows(
      "flowcontrol.apiserver.k8s.io", "v1", "flowschemas", [schema("a", 9), schema("b", 1), schema("c", 9)])
    #expect(made.map { $0.list("cells")[0] } == ["b", "a", "c"])
  }
}
