import JSONCore
import Objects
import Reconciling
import Values

/// Keeps the older Endpoints object of each Service with a selector.
public struct EndpointsController: Controller {
  public let name = "endpoints-controller"
  public let eventSource = "endpoint-controller"

  static let managedBy = "endpoints.kubernetes.io/managed-by"
  private static let overCapacity = "endpoints.kubernetes.io/over-capacity"
  private static let lastTrigger = "endpoints.kubernetes.io/last-change-trigger-time"
  private static let headlessLabel = "service.kubernetes.io/headless"
  /// The most addresses of one object.
  private static let capacity = 1000

  public init() {}

  public var watches: [Watch] {
    ServicePods.watches + [
      Watch(.endpoints) { change, _ in
        [Key(.services, namespace: change.object.namespace, name: change.object.name)]
      }
    ]
  }

  public var gathering: Duration { .milliseconds(100) }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    let endpointsKey = Key(.endpoints, namespace: key.namespace, name: key.name)
    let present = snapshot[endpointsKey]
    if snapshot[key] == nil {
      // The API server deletes the Endpoints of a Service with it; this is for those that slipped through.
      guard let present, present.labels[Self.managedBy] == "endpoint-controller" else { return .nothing }
      return Plan([.delete(endpointsKey, Deletion(uid: present.uid))])
    }
    guard let target = ServicePods(key, snapshot) else { return .nothing }
    let subsets = Self.subsets(target)
    var labels = target.labels
    labels[Self.headlessLabel] = target.isHeadless ? "" : nil
    labels[Self.managedBy] = "endpoint-controller"
    let isTruncated = target.pods.count > Self.capacity
    if let present {
      let json = present.json
      var wanted = json
      wanted["subsets"] = subsets.isEmpty ? nil : .array(subsets)
      wanted["metadata", default: .emptyObject]["labels"] = JSON(labels)
      if wanted == json { return .nothing }
      wanted["metadata"]?["annotations", default: .emptyObject][Self.overCapacity] = isTruncated ? "truncated" : nil
      wanted["metadata"]?["annotations"]?[Self.lastTrigger] = .string(now.rfc3339)
      return Plan(JSON.mergeDifference(from: json, to: wanted).map { [.patch(endpointsKey, $0)] } ?? [])
    }
    var metadata: JSON = [
      "name": .string(key.name), "namespace": .string(key.namespace), "labels": JSON(labels),
      "annotations": [Self.lastTrigger: .string(now.rfc3339)],
    ]
    if isTruncated { metadata["annotations"]?[Self.overCapacity] = "truncated" }
    var object: JSON = ["apiVersion": "v1", "kind": "Endpoints", "metadata": metadata]
    if !subsets.isEmpty { object["subsets"] = .array(subsets) }
    return Plan([.create(.endpoints, object)])
  }

  /// One subset for each set of ports, ready addresses apart from the others, all in order of address.
  private static func subsets(_ target: ServicePods) -> [JSON] {
    struct Subset {
      var ports: [JSON]
      var ready: [JSON] = []
      var notReady: [JSON] = []
    }
    var subsets: [JSON: Subset] = [:]
    for pod in target.pods.filter({ !$0.isBeingDeleted }).sorted(by: { $0.podIP < $1.podIP }).prefix(capacity) {
      let ports = target.ports(on: pod).map { port in
        var port = port
        if port.text("name").isEmpty { port["name"] = nil }
        return port
      }
      if ports.isEmpty && !target.isHeadless { continue }
      var address: JSON = ["ip": .string(pod.podIP), "targetRef": ServicePods.targetReference(pod)]
      if !pod.nodeName.isEmpty { address["nodeName"] = .string(pod.nodeName) }
      let hostname = target.hostname(of: pod)
      if !hostname.isEmpty { address["hostname"] = .string(hostname) }
      if pod.isReady || target.publishesNotReady {
        subsets[.array(ports), default: Subset(ports: ports)].ready.append(address)
      } else {
        subsets[.array(ports), default: Subset(ports: ports)].notReady.append(address)
      }
    }
    return subsets.sorted { $0.key.text < $1.key.text }.map { _, subset in
      var json = JSON.emptyObject
      if !subset.ready.isEmpty { json["addresses"] = .array(subset.ready) }
      if !subset.notReady.isEmpty { json["notReadyAddresses"] = .array(subset.notReady) }
      if !subset.ports.isEmpty { json["ports"] = .array(subset.ports) }
      return json
    }
  }
}
