import JSONCore
import Objects
import Reconciling
import Values

/// Plays a provider of load balancers for services that ask for it by annotation. Without the annotation a service of type
/// LoadBalancer stays pending, as it does wherever there is no provider.
public struct LoadBalancers: Controller {
  public let name = "service-lb-controller"
  public let eventSource = "service-controller"

  /// `auto`, or the address that the balancer shall have.
  static let annotation = "sim.swiftlet.dev/load-balancer-ip"
  private static let finalizer = "service.kubernetes.io/load-balancer-cleanup"
  /// Beside the nodes' own addresses.
  private static let pool = AddressRange("172.18.255.0/24")

  public init() {}

  public var watches: [Watch] { [.each(.services)] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let service = snapshot[key] else { return .nothing }
    let isBalanced = service.spec?.member("type")?.isString("LoadBalancer") == true
    // Most services are of no interest here; that costs little to see.
    if !isBalanced, service.metadata?.member("finalizers") == nil { return .nothing }
    let json = service.json
    let involved = Reference(service, json).asInvolved
    let wish = json.annotation(Self.annotation)
    let ingress = json.at("status", "loadBalancer")?.list("ingress") ?? []
    guard isBalanced, let wish, !json.isBeingDeleted, json["spec"]?.text("loadBalancerClass").isEmpty != false else {
      guard json.finalizers.contains(Self.finalizer) else { return .nothing }
      // The status first: it changes the revision, so the finalizer goes at the next look.
      if !ingress.isEmpty {
        var plan = Plan([.record(EventNote(involved, "DeletingLoadBalancer", "Deleting load balancer"))])
        plan.then(Self.status(service, json, []))
        return plan
      }
      var plan = Plan([Finalizers.removal(of: Self.finalizer, from: service, json)].compactMap { $0 })
      plan.then([.record(EventNote(involved, "DeletedLoadBalancer", "Deleted load balancer"))])
      return plan
    }
    if let finalizer = Finalizers.addition(of: Self.finalizer, to: service, json) { return Plan([finalizer]) }
    guard let address = Self.address(for: service, wish: wish, holding: ingress.first?.text("ip"), snapshot) else {
      let note = EventNote(
        involved, .warning, "SyncLoadBalancerFailed",
        "Error syncing load balancer: failed to ensure load balancer: no address is free")
      return Plan([.record(note)])
    }
    if ingress.first?.text("ip") == address { return .nothing }
    var plan = Plan([.record(EventNote(involved, "EnsuringLoadBalancer", "Ensuring load balancer"))])
    plan.then(Self.status(service, json, [["ip": .string(address), "ipMode": "VIP"]]))
    plan.then([.record(EventNote(involved, "EnsuredLoadBalancer", "Ensured load balancer"))])
    return plan
  }

  private static func status(_ service: Object, _ json: JSON, _ ingress: [JSON]) -> Action? {
    var status = json["status"] ?? .emptyObject
    status["loadBalancer"] = ingress.isEmpty ? [:] : ["ingress": .array(ingress)]
    return Action.status(service, from: json["status"], to: status)
  }

  /// The address that a service has or gets. Of two that took the same one the first by name keeps it.
  private static func address(
    for service: Object, wish: String, holding: String?, _ snapshot: Snapshot
  ) -> String? {
    if AddressRange.address(wish) != nil { return wish }
    var taken: Set<String> = []
    for other in snapshot.objects(.services) where other.key != service.key {
      guard other.spec?.member("type")?.isString("LoadBalancer") == true else { continue }
      for entry in other.json.at("status", "loadBalancer")?.list("ingress") ?? [] {
        let address = entry.text("ip")
        if address != holding || Key.precedes(other.key, service.key) { taken.insert(address) }
      }
    }
    if let holding, !taken.contains(holding) { return holding }
    guard let pool else { return nil }
    return (0..<pool.count).lazy.map { pool[$0] }.first { !taken.contains($0) }
  }
}
