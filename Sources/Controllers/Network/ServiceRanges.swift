import JSONCore
import Objects
import Reconciling
import Values

/// Keeps ServiceCIDRs: ready from their start, and held until no address needs them.
public struct ServiceRanges: Controller {
  public let name = "service-cidr-controller"

  private static let finalizer = "networking.k8s.io/service-cidr-finalizer"
  /// Allocations under way may still take an address from a range that is being deleted.
  private static let grace = Duration.seconds(10)

  public init() {}

  public var watches: [Watch] {
    [
      .each(.serviceRanges),
      Watch(.serviceRanges) { _, snapshot in Self.leaving(snapshot) },
      Watch(.ipAddresses) { change, snapshot in change.kind == .deleted ? Self.leaving(snapshot) : [] },
    ]
  }

  /// The ranges that wait for their addresses.
  private static func leaving(_ snapshot: Snapshot) -> [Key] {
    snapshot.objects(.serviceRanges).filter {
      $0.metadata?.member("deletionTimestamp") != nil
    }.map(\.key)
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    if !json.isBeingDeleted {
      var plan = Plan([Finalizers.addition(of: Self.finalizer, to: object, json)].compactMap { $0 })
      plan.then(Self.state(object, json, "True", "", "Kubernetes Service CIDR is ready", now))
      return plan
    }
    guard json.finalizers.contains(Self.finalizer) else { return .nothing }
    if Self.isNeeded(object, json, snapshot) {
      let message =
        "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR"
      return Plan([Self.state(object, json, "False", "Terminating", message, now)].compactMap { $0 })
    }
    let marked = Instant(rfc3339: json["metadata"]?.text("deletionTimestamp") ?? "") ?? now
    if now < marked + Self.grace { return Plan([], requeueAfter: marked + Self.grace - now) }
    return Plan([Finalizers.removal(of: Self.finalizer, from: object, json)].compactMap { $0 })
  }

  private static func state(
    _ object: Object, _ json: JSON, _ value: String, _ reason: String, _ message: String, _ now: Instant
  ) -> Action? {
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    conditions.set("Ready", value, reason: reason, message: message, at: now, extra: [("reason", .string(reason))])
    conditions.write(to: &status)
    return Action.status(object, from: json["status"], to: status)
  }

  private static func ranges(_ json: JSON) -> [AddressRange] {
    (json["spec"]?.list("cidrs") ?? []).compactMap { AddressRange($0.string ?? "") }
  }

  /// An address in use lies in this range and in no other that stays.
  private static func isNeeded(_ object: Object, _ json: JSON, _ snapshot: Snapshot) -> Bool {
    let own = ranges(json)
    let others = snapshot.objects(.serviceRanges).filter { $0.key != object.key }.map(\.json)
      .filter { !$0.isBeingDeleted }.flatMap(ranges)
    return snapshot.objects(.ipAddresses).contains { address in
      own.contains { $0.covers(address.name) } && !others.contains { $0.covers(address.name) }
    }
  }
}
