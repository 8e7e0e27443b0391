import JSONCore
import Objects
import Reconciling
import Values

/// Copies hand-made Endpoints, of Services without a selector, into EndpointSlices.
public struct EndpointSliceMirroring: Controller {
  public let name = "endpointslice-mirroring-controller"
  public let eventSource = "endpoint-slice-mirroring-controller"

  private static let managedBy = "endpointslicemirroring-controller.k8s.io"
  private static let skipLabel = "endpointslice.kubernetes.io/skip-mirror"
  private static let leaderAnnotation = "control-plane.alpha.kubernetes.io/leader"
  /// Annotations of Endpoints that say nothing of their slices.
  private static let ownAnnotations = [
    "kubectl.kubernetes.io/last-applied-configuration", "endpoints.kubernetes.io/last-change-trigger-time",
  ]
  /// The most addresses taken from a subset.
  private static let capacity = 1000

  public init() {}

  public var watches: [Watch] {
    [
      .each(.endpoints),
      Watch(.services) { change, _ in
        [Key(.endpoints, namespace: change.object.namespace, name: change.object.name)]
      },
      Watch(.endpointSlices) { change, _ in
        guard change.object.labels[EndpointSliceController.managedByLabel] == Self.managedBy,
          let service = change.object.labels[EndpointSliceController.serviceLabel]
        else { return [] }
        return [Key(.endpoints, namespace: change.object.namespace, name: service)]
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    let selector = LabelSelector(labels: [
      EndpointSliceController.serviceLabel: key.name, EndpointSliceController.managedByLabel: Self.managedBy,
    ])
    let present = snapshot.objects(.endpointSlices, namespace: key.namespace, matching: selector)
    var wanted = wantedSlices(key, snapshot)
    var actions: [Action] = []
    for object in present {
      let json = object.json
      let match = wanted.firstIndex {
        $0["addressType"] == json["addressType"] && $0.list("ports") == json.list("ports")
      }
      guard let match else {
        actions.append(.delete(object.key, Deletion(uid: object.uid)))
        continue
      }
      let slice = wanted.remove(at: match)
      var fitting = json
      fitting["endpoints"] = slice["endpoints"] ?? .array([])
      for field in ["labels", "annotations"] {
        fitting["metadata", default: .emptyObject][field] = slice.at("metadata", field)
      }
      if let difference = JSON.mergeDifference(from: json, to: fitting) {
        actions.append(.patch(object.key, difference))
      }
    }
    return Plan(actions + wanted.map { .create(.endpointSlices, $0) })
  }

  private func wantedSlices(_ key: Key, _ snapshot: Snapshot) -> [JSON] {
    guard let endpoints = snapshot[key],
      let service = snapshot[Key(.services, namespace: key.namespace, name: key.name)],
      service.json["spec"]?.strings("selector").isEmpty != false,
      endpoints.labels[Self.skipLabel] != "true", endpoints.labels[EndpointsController.managedBy] == nil
    else { return [] }
    let json = endpoints.json
    if json.annotation(Self.leaderAnnotation) != nil || json.isBeingDeleted { return [] }
    var labels = (json["metadata"]?.strings("labels") ?? [:])
    labels[EndpointSliceController.serviceLabel] = key.name
    labels[EndpointSliceController.managedByLabel] = Self.managedBy
    var annotations = json["metadata"]?.strings("annotations") ?? [:]
    for own in Self.ownAnnotations { annotations[own] = nil }
    return json.list("subsets").flatMap { subset in
      ["IPv4", "IPv6"].compactMap { family -> JSON? in
        var slice = slice(subset, family, key, labels, Reference(endpoints, json))
        if !annotations.isEmpty { slice?["metadata"]?["annotations"] = JSON(annotations) }
        return slice
      }
    }
  }

  /// nil for what is no address.
  private static func family(_ text: String) -> String? {
    if AddressRange.address(text) != nil { return "IPv4" }
    let isIPv6 = text.utf8.allSatisfy { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") || hexDigits.contains($0) }
    return isIPv6 && text.utf8.count { $0 == UInt8(ascii: ":") } >= 2 ? "IPv6" : nil
  }

  private static let hexDigits = Set("0123456789abcdefABCDEF".utf8)

  private func slice(
    _ subset: JSON, _ family: String, _ key: Key, _ labels: [String: String], _ owner: Reference
  ) -> JSON? {
    let all =
      subset.list("addresses").map { ($0, true) } + subset.list("notReadyAddresses").map { ($0, false) }
    let endpoints = all.filter { Self.family($0.0.text("ip")) == family }.prefix(Self.capacity)
      .map { address, isReady in
        var endpoint: JSON = ["addresses": [.string(address.text("ip"))], "conditions": ["ready": .bool(isReady)]]
        for field in ["hostname", "nodeName", "targetRef"] { endpoint[field] = address[field] }
        return endpoint
      }
    if endpoints.isEmpty { return nil }
    let ports = subset.list("ports").map { port in
      var port = port
      port["name"] = .string(port.text("name"))
      port["protocol"] = port["protocol"] ?? "TCP"
      return port
    }
    var slice: JSON = [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
      "metadata": [
        "generateName": .string(key.name + "-"), "namespace": .string(key.namespace), "labels": JSON(labels),
        "ownerReferences": [owner.asController],
      ],
      "addressType": .string(family), "endpoints": .array(Array(endpoints)),
    ]
    if !ports.isEmpty { slice["ports"] = .array(ports) }
    return slice
  }
}
