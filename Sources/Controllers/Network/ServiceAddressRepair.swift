import JSONCore
import Objects
import Reconciling
import Values

/// Brings services and the IPAddress objects that hold their addresses together again: an address whose service never came
/// to be, or is gone, is given back; one that a service has without holding it is held again. Keys are both.
public struct ServiceAddressRepair: Controller {
  public let name = "service-ip-repair-controller"
  public let eventSource = "ipallocator-repair-controller"

  /// An address is made before its service; so long it may stand alone.
  static let patience = Duration.seconds(60)
  private static let managedBy = "ipaddress.kubernetes.io/managed-by"
  private static let allocator = "ipallocator.k8s.io"
  private static let family = "ipaddress.kubernetes.io/ip-family"

  public init() {}

  public var watches: [Watch] {
    [
      Watch(.ipAddresses) { change, snapshot in
        if change.kind != .deleted { return [change.object.key] }
        return Self.holder(change.object).flatMap { snapshot[$0] }.map { [$0.key] } ?? []
      },
      Watch(.services) { change, _ in
        let released = (change.previous ?? change.object)
        return (change.kind == .deleted ? [] : [change.object.key])
          + Self.addresses(released).map { Key(.ipAddresses, name: $0) }
      },
    ]
  }

  /// The service that an address is kept for.
  private static func holder(_ address: Object) -> Key? {
    guard let parent = address.spec?.member("parentRef")?.decoded() else { return nil }
    return Key(.services, namespace: parent.text("namespace"), name: parent.text("name"))
  }

  private static func addresses(_ service: Object) -> [String] {
    var result: [String] = []
    let spec = service.spec
    if spec?.member("type")?.isString("ExternalName") == true { return [] }
    spec?.member("clusterIPs")?.forEachElement { result.append($0.string) }
    return result.filter { !$0.isEmpty && $0 != "None" }
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    return key.resource == .services ? Self.service(object, snapshot) : Self.address(object, snapshot, now)
  }

  private static func address(_ address: Object, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard address.labels[managedBy] == allocator else { return .nothing }
    let service = holder(address).flatMap { snapshot[$0] }
    if let service, addresses(service).contains(address.name) { return .nothing }
    let json = address.json
    let created = Instant(rfc3339: json["metadata"]?.text("creationTimestamp") ?? "") ?? .epoch
    if now < created + patience { return Plan([], requeueAfter: created + patience - now) }
    let place = holder(address).map { " for Service \($0.namespace)/\($0.name)" } ?? ""
    let note = EventNote(
      Reference(address, json).asInvolved, .warning, "IPAddressNotAllocated",
      "IP address: \(address.name)\(place) appears to have leaked: cleaning up", action: "IPAddressAllocation")
    return Plan([.delete(address.key, Deletion(uid: address.uid), event: note)])
  }

  private static func service(_ service: Object, _ snapshot: Snapshot) -> Plan {
    var plan = Plan()
    for address in addresses(service) {
      let family = address.contains(":") ? "IPv6" : "IPv4"
      let involved = { Reference(service, service.json).asInvolved }
      guard let present = snapshot[Key(.ipAddresses, name: address)] else {
        let note = EventNote(
          involved(), .warning, "ClusterIPNotAllocated",
          "Cluster IP [\(family)]:\(address) is not allocated; repairing", action: "ClusterIPAllocation")
        plan.then([.create(.ipAddresses, held(address, family, by: service), event: note)])
        continue
      }
      if holder(present) == service.key { continue }
      let note = EventNote(
        involved(), .warning, "ClusterIPAlreadyAllocated",
        "Cluster IP [\(family)]:\(address) was assigned to multiple services; please recreate",
        action: "ClusterIPAllocation")
      plan.then([.record(note)])
    }
    return plan
  }

  private static func held(_ address: String, _ family: String, by service: Object) -> JSON {
    [
      "apiVersion": "networking.k8s.io/v1", "kind": "IPAddress",
      "metadata": [
        "name": .string(address), "labels": [self.family: .string(family), managedBy: .string(allocator)],
      ],
      "spec": [
        "parentRef": [
          "group": "", "resource": "services", "namespace": .string(service.namespace), "name": .string(service.name),
        ]
      ],
    ]
  }
}

extension GroupResource {
  static let ipAddresses = GroupResource("networking.k8s.io", "ipaddresses")
  static let serviceRanges = GroupResource("networking.k8s.io", "servicecidrs")
}
