import Foundation
import JSONCore
import Objects
import Reconciling
import Values

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
    "CustomResourceDefinition": .customResourceDefinitions,
    "HorizontalPodAutoscaler": .horizontalPodAutoscalers, "Secret": .secrets, "Event": .events,
    "ValidatingAdmissionPolicy": GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicies"),
    "ClusterRole": GroupResource("rbac.authorization.k8s.io", "clusterroles"),
    "CertificateSigningRequest": GroupResource("certificates.k8s.io", "certificatesigningrequests"),
    "VolumeAttributesClass": GroupResource("storage.k8s.io", "volumeattributesclasses"),
    "VolumeAttachment": GroupResource("storage.k8s.io", "volumeattachments"),
    "CSIDriver": GroupResource("storage.k8s.io", "csidrivers"),
    "IPAddress": GroupResource("networking.k8s.io", "ipaddresses"),
    "ServiceCIDR": GroupResource("networking.k8s.io", "servicecidrs"),
    "Widget": GroupResource("example.com", "widgets"),
    "ResourceSlice": GroupResource("resource.k8s.io", "resourceslices"),
    "ResourceClaim": GroupResource("resource.k8s.io", "resourceclaims"),
    "ResourceClaimTemplate": GroupResource("resource.k8s.io", "resourceclaimtemplates"),
  ]

  private static let clusterScoped: Set<String> = [
    "Namespace", "Node", "PersistentVolume", "StorageClass", "CustomResourceDefinition", "VolumeAttachment",
    "CSIDriver", "IPAddress", "ServiceCIDR", "ResourceSlice", "ClusterRole", "CertificateSigningRequest",
    "VolumeAttributesClass", "ValidatingAdmissionPolicy",
  ]

  /// From the short form of a case. Where nothing is said, the namespace is `default`, the uid `<kind>-<name>`, and
  /// everything is made at the same time. `metadata.owner: Job/pi` is the controller, `metadata.owners` a list of owners
  /// that are not; `state: ready` the status of a pod.
  convenience init(fixture: JSON) {
    var json = fixture
    let kind = json.text("kind")
    let group = json.text("apiVersion").split(separator: "/").dropLast().first.map(String.init) ?? ""
    let resource = Self.resources[kind] ?? GroupResource(group, kind.lowercased() + "s")
    var metadata = json["metadata"] ?? .emptyObject
    if !Self.clusterScoped.contains(kind), metadata["namespace"] == nil { metadata["namespace"] = "default" }
    if metadata["uid"] == nil { metadata["uid"] = .string("\(kind.lowercased())-\(metadata.text("name"))") }
    if metadata["creationTimestamp"] == nil { metadata["creationTimestamp"] = "2026-01-01T00:00:00Z" }
    metadata["resourceVersion"] = "10"
    if let owner = metadata["owner"]?.string { metadata["ownerReferences"] = [Self.reference(owner, controls: true)] }
    if let owners = metadata["owners"]?.array {
      metadata["ownerReferences"] = .array(owners.compactMap(\.string).map { Self.reference($0, controls: false) })
    }
    metadata["owner"] = nil
    metadata["owners"] = nil
    json["metadata"] = metadata
    if let state = json["state"]?.string { json["status"] = Self.podStatus(state, json["status"] ?? .emptyObject) }
    json["state"] = nil
    if json["apiVersion"] == nil { json["apiVersion"] = .string(Self.version(of: resource)) }
    self.init(
      key: Key(resource, namespace: metadata.text("namespace"), name: metadata.text("name")), revision: 10,
      blob: json.blob)
  }

  private static func version(of resource: GroupResource) -> String {
    resource.group.isEmpty ? "v1" : resource.group + "/v1"
  }

  private static func reference(_ owner: String, controls: Bool) -> JSON {
    let parts = owner.split(separator: "/").map(String.init)
    let resource = resources[parts[0]] ?? GroupResource("", parts[0].lowercased() + "s")
    return [
      "apiVersion": .string(version(of: resource)), "kind": .string(parts[0]), "name": .string(parts[1]),
      "uid": .string("\(parts[0].lowercased())-\(parts[1])"), "controller": .bool(controls),
      "blockOwnerDeletion": true,
    ]
  }

  /// `ready`, `ready since TIME`, `running`, `pending`, `succeeded`, `failed`, or `failed CODE` of its container `c`.
  private static func podStatus(_ state: String, _ rest: JSON) -> JSON {
    var status = rest
    let words = state.split(separator: " ").map(String.init)
    switch words[0] {
    case "ready":
      status["phase"] = "Running"
      let since = words.count > 2 ? words[2] : "2026-01-01T00:00:00Z"
      status["conditions"] = [["type": "Ready", "status": "True", "lastTransitionTime": .string(since)]]
    default: status["phase"] = .string(words[0].prefix(1).uppercased() + words[0].dropFirst())
    }
    if words[0] == "failed", words.count > 1 {
      let end: JSON = ["exitCode": JSON(Int(words[1]) ?? 0), "finishedAt": "2026-01-01T00:00:00Z"]
      status["containerStatuses"] = [["name": "c", "state": ["terminated": end]]]
    }
    return status
  }
}
