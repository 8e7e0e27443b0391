import Foundation
import JSONCore
import Objects
import Reconciling
import Testing
import Values
import Yams

@testable import Controllers

/// Each file in `Cases` is a cluster and the plan that a controller must make of it.
@Suite struct CaseTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases")

  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.sorted()
  }()

  static let controllers: [any Controller] = Controllers.all(rootCA: "PEM")

  @Test(arguments: names) func planIsAsExpected(_ name: String) throws {
    let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
    let document = JSON(yaml: try Yams.load(yaml: text))
    let controller = try #require(Self.controllers.first { $0.name == document.text("controller") })
    let snapshot = Snapshot(revision: 100, objects: document.list("objects").map(Object.init(fixture:)))
    let now = try #require(Instant(rfc3339: document.text("now")))
    let plan = controller.reconcile(Key(fixture: document.text("key")), snapshot, now)
    let problems = mismatches(document["plan"] ?? .null, plan.json, "plan")
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))\nactual: \(plan.json.text)")
  }

  /// Where `actual` lacks what `expected` has. Objects may hold more; lists must have the same length.
  private func mismatches(_ expected: JSON, _ actual: JSON?, _ path: String) -> [String] {
    guard let actual else { return ["\(path) is missing"] }
    if expected == .string("<any>") { return [] }
    if let members = expected.object, actual.object != nil {
      return members.flatMap { key, value -> [String] in
        if value == .string("<none>") { return actual[key] == nil ? [] : ["\(path).\(key) should not be there"] }
        return mismatches(value, actual[key], "\(path).\(key)")
      }
    }
    if let elements = expected.array, let others = actual.array {
      if elements.count != others.count { return ["\(path) has \(others.count) elements, not \(elements.count)"] }
      return elements.indices.flatMap { mismatches(elements[$0], others[$0], "\(path)[\($0)]") }
    }
    return expected == actual ? [] : ["\(path) is \(actual.text), not \(expected.text)"]
  }
}

extension JSON {
  init(yaml value: Any?) {
    switch value {
    case let value as String: self = .string(value)
    case let value as Bool: self = .bool(value)
    case let value as Int: self = JSON(value)
    case let value as Double: self = .double(value)
    case let value as Date: self = .string(Instant(seconds: Int64(value.timeIntervalSince1970)).rfc3339)
    case let value as [Any?]: self = .array(value.map { JSON(yaml: $0) })
    case let value as [AnyHashable: Any?]:
      self = .object(Members(value.map { ("\($0.key)", JSON(yaml: $0.value)) }))
    default: self = .null
    }
  }
}

extension Key {
  /// `deployments.apps default/web`
  init(fixture text: String) {
    let parts = text.split(separator: " ").map(String.init)
    let resource = parts[0].split(separator: ".", maxSplits: 1).map(String.init)
    let place = parts[1].split(separator: "/").map(String.init)
    self.init(
      GroupResource(resource.count > 1 ? resource[1] : "", resource[0]), namespace: place.count > 1 ? place[0] : "",
      name: place.last ?? "")
  }
}

extension Object {
  private static let resources: [String: GroupResource] = [
    "Deployment": .deployments, "ReplicaSet": .replicaSets, "ReplicationController": .replicationControllers,
    "Pod": .pods, "Namespace": .namespaces, "Service": .services, "Endpoints": .endpoints, "Node": .nodes,
    "EndpointSlice": .endpointSlices, "ConfigMap": .configMaps, "ServiceAccount": .serviceAccounts, "Job": .jobs,
    "CronJob": .cronJobs, "StatefulSet": .statefulSets, "DaemonSet": .daemonSets, "Lease": .leases,
    "ControllerRevision": .controllerRevisions, "PodDisruptionBudget": .podDisruptionBudgets,
    "PersistentVolume": .persistentVolumes, "PersistentVolumeClaim": .persistentVolumeClaims,
    "ResourceQuota": .resourceQuotas, "StorageClass": .storageClasses,
    "HorizontalPodAutoscaler": .horizontalPodAutoscalers, "Secret": .secrets,
    "VolumeAttachment": GroupResource("storage.k8s.io", "volumeattachments"),
    "CSIDriver": GroupResource("storage.k8s.io", "csidrivers"),
    "IPAddress": GroupResource("networking.k8s.io", "ipaddresses"),
    "ServiceCIDR": GroupResource("networking.k8s.io", "servicecidrs"),
    "ResourceClaim": GroupResource("resource.k8s.io", "resourceclaims"),
    "ResourceClaimTemplate": GroupResource("resource.k8s.io", "resourceclaimtemplates"),
  ]

  /// From the short form of a case: namespace `default` and the uid of `<kind>-<name>` where nothing is said.
  convenience init(fixture: JSON) {
    var json = fixture
    let kind = json.text("kind")
    let resource = Self.resources[kind] ?? GroupResource("", kind.lowercased() + "s")
    let isCluster = [
      "Namespace", "Node", "PersistentVolume", "StorageClass", "VolumeAttachment", "CSIDriver", "IPAddress",
      "ServiceCIDR",
    ].contains(kind)
    var metadata = json["metadata"] ?? .emptyObject
    if !isCluster, metadata["namespace"] == nil { metadata["namespace"] = "default" }
    if metadata["uid"] == nil { metadata["uid"] = .string("\(kind.lowercased())-\(metadata.text("name"))") }
    if metadata["creationTimestamp"] == nil { metadata["creationTimestamp"] = "2026-01-01T00:00:00Z" }
    metadata["resourceVersion"] = "10"
    json["metadata"] = metadata
    if json["apiVersion"] == nil {
      json["apiVersion"] = .string(resource.group.isEmpty ? "v1" : resource.group + "/v1")
    }
    self.init(
      key: Key(resource, namespace: metadata.text("namespace"), name: metadata.text("name")), revision: 10,
      blob: json.blob)
  }
}
