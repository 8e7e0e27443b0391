import JSONCore
import Objects
import Reconciling
import Values

/// Keeps the EndpointSlices of each Service with a selector: at most a hundred pods in each, with the same ports.
public struct EndpointSliceController: Controller {
  public let name = "endpointslice-controller"
  public let eventSource = "endpoint-slice-controller"

  static let serviceLabel = "kubernetes.io/service-name"
  static let managedByLabel = "endpointslice.kubernetes.io/managed-by"
  private static let managedBy = "endpointslice-controller.k8s.io"
  private static let lastTrigger = "endpoints.kubernetes.io/last-change-trigger-time"
  /// The most endpoints of one slice.
  private static let capacity = 100

  public init() {}

  public var watches: [Watch] {
    ServicePods.watches + [
      Watch(.endpointSlices) { change, _ in
        guard let service = change.object.labels[Self.serviceLabel],
          change.object.labels[Self.managedByLabel] == Self.managedBy
        else { return [] }
        return [Key(.services, namespace: change.object.namespace, name: service)]
      },
      // Shares of zones depend on the nodes.
      Watch(.nodes) { change, snapshot in
        if change.kind == .modified { return [] }
        return snapshot.objects(.services).filter { TrafficHints.mayBeAutomatic($0) }.map(\.key)
      },
    ]
  }

  public var gathering: Duration { .milliseconds(100) }

  /// What tells slices apart.
  private struct Group: Hashable {
    var addressType: String
    var ports: JSON
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let target = ServicePods(key, snapshot), !target.json.isBeingDeleted else { return .nothing }
    var wanted: [Group: [String: JSON]] = [:]
    for pod in target.pods {
      let group = Group(
        addressType: pod.podIP.contains(":") ? "IPv6" : "IPv4", ports: .array(target.ports(on: pod)))
      wanted[group, default: [:]][pod.uid] = Self.endpoint(pod, target, snapshot)
    }
    if wanted.isEmpty { wanted[Group(addressType: "IPv4", ports: .array([]))] = [:] }
    let selector = LabelSelector(labels: [Self.serviceLabel: key.name, Self.managedByLabel: Self.managedBy])
    var present: [Group: [(object: Object, json: JSON)]] = [:]
    for object in snapshot.objects(.endpointSlices, namespace: key.namespace, matching: selector) {
      let json = object.json
      let group = Group(addressType: json.text("addressType"), ports: .array(json.list("ports")))
      present[group, default: []].append((object, json))
    }
    var actions: [Action] = []
    if TrafficHints.isAutomatic(target.json) {
      actions += Self.setShares(&wanted, target, snapshot, had: present.values.joined().map(\.json))
    }
    for (group, slices) in present where wanted[group] == nil {
      actions += slices.map { .delete($0.object.key, Deletion(uid: $0.object.uid)) }
    }
    for (group, endpoints) in wanted.sorted(by: { $0.key.ports.text < $1.key.ports.text }) {
      actions += Self.fill(present[group] ?? [], group, endpoints, target, now)
    }
    return Plan(actions)
  }

  /// Gives the ready endpoints of each family hints in proportion, where that can be done, and says when it begins or ends.
  private static func setShares(
    _ wanted: inout [Group: [String: JSON]], _ target: ServicePods, _ snapshot: Snapshot, had present: [JSON]
  ) -> [Action] {
    var notes: [Action] = []
    for family in Set(wanted.keys.map(\.addressType)).sorted() {
      let groups = wanted.keys.filter { $0.addressType == family }
      let ready = groups.flatMap { wanted[$0] ?? [:] }.filter { $0.value.at("conditions", "ready") == true }
      let before = present.filter { $0.text("addressType") == family }
      let had = before.contains { $0.list("endpoints").contains { $0["hints"] != nil } }
      do throws(ZoneShares.Problem) {
        let zones = try ZoneShares(snapshot).assign(ready.map { (key: $0.key, zone: $0.value["zone"]?.string) })
        for group in groups {
          for (uid, zone) in zones where wanted[group]?[uid] != nil {
            wanted[group]?[uid]?["hints"] = ["forZones": [["name": .string(zone)]]]
          }
        }
        if had { continue }
        notes.append(
          .record(
            EventNote(
              target.reference.asInvolved, "TopologyAwareHintsEnabled",
              "Topology Aware Hints has been enabled, addressType: \(family)")))
      } catch {
        if !had && !before.isEmpty { continue }
        notes.append(
          .record(
            EventNote(
              target.reference.asInvolved, .warning, "TopologyAwareHintsDisabled",
              "\(error.message), addressType: \(family)")))
      }
    }
    return notes
  }

  /// Keeps endpoints where they are, then fills up slices with room, then makes new ones.
  private static func fill(
    _ slices: [(object: Object, json: JSON)], _ group: Group, _ endpoints: [String: JSON], _ target: ServicePods,
    _ now: Instant
  ) -> [Action] {
    var left = endpoints
    var contents = slices.map { slice in
      slice.json.list("endpoints").compactMap { left.removeValue(forKey: $0["targetRef"]?.text("uid") ?? "") }
    }
    var rest = left.values.sorted { $0.text < $1.text }[...]
    for index in contents.indices {
      let room = rest.prefix(max(0, capacity - contents[index].count))
      contents[index] += room
      rest = rest.dropFirst(room.count)
    }
    var actions: [Action] = []
    let keepsOne = endpoints.isEmpty
    for (index, slice) in slices.enumerated() {
      if contents[index].isEmpty, !keepsOne || index > 0 {
        actions.append(.delete(slice.object.key, Deletion(uid: slice.object.uid)))
        continue
      }
      var wanted = slice.json
      wanted["endpoints"] = .array(contents[index])
      wanted["metadata", default: .emptyObject]["labels"] = JSON(labels(target))
      guard wanted != normalized(slice.json) else { continue }
      wanted["metadata"]?["annotations", default: .emptyObject][lastTrigger] = .string(now.rfc3339)
      if let difference = JSON.mergeDifference(from: slice.json, to: wanted) {
        actions.append(.patch(slice.object.key, difference))
      }
    }
    while !rest.isEmpty || slices.isEmpty && actions.isEmpty {
      actions.append(.create(.endpointSlices, slice(Array(rest.prefix(capacity)), group, target, now)))
      rest = rest.dropFirst(capacity)
    }
    return actions
  }

  /// A slice without endpoints may be stored without the list or with an empty one.
  private static func normalized(_ slice: JSON) -> JSON {
    var slice = slice
    if slice["endpoints"]?.array == nil { slice["endpoints"] = .array([]) }
    return slice
  }

  private static func slice(_ endpoints: [JSON], _ group: Group, _ target: ServicePods, _ now: Instant) -> JSON {
    var result: JSON = [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
      "metadata": [
        "generateName": .string(target.service.name + "-"), "namespace": .string(target.service.namespace),
        "labels": JSON(labels(target)), "annotations": [lastTrigger: .string(now.rfc3339)],
        "ownerReferences": [target.reference.asController],
      ],
      "addressType": .string(group.addressType), "endpoints": .array(endpoints),
    ]
    if group.ports.array?.isEmpty == false { result["ports"] = group.ports }
    return result
  }

  private static func labels(_ target: ServicePods) -> [String: String] {
    var labels = target.labels
    labels["service.kubernetes.io/headless"] = target.isHeadless ? "" : nil
    labels[serviceLabel] = target.service.name
    labels[managedByLabel] = managedBy
    return labels
  }

  private static func endpoint(_ pod: PodFacts, _ target: ServicePods, _ snapshot: Snapshot) -> JSON {
    let isServing = pod.isReady || target.publishesNotReady
    var endpoint: JSON = [
      "addresses": [.string(pod.podIP)],
      "conditions": [
        "ready": .bool(isServing && (!pod.isBeingDeleted || target.publishesNotReady)), "serving": .bool(pod.isReady),
        "terminating": .bool(pod.isBeingDeleted),
      ],
      "targetRef": ServicePods.targetReference(pod),
    ]
    if !pod.nodeName.isEmpty {
      endpoint["nodeName"] = .string(pod.nodeName)
      if let zone = snapshot[Key(.nodes, name: pod.nodeName)]?.labels["topology.kubernetes.io/zone"] {
        endpoint["zone"] = .string(zone)
      }
    }
    let hostname = target.hostname(of: pod)
    if !hostname.isEmpty { endpoint["hostname"] = .string(hostname) }
    endpoint["hints"] = TrafficHints.hints(endpoint, of: target.json)
    return endpoint
  }
}
