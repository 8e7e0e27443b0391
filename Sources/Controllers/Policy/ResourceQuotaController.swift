import JSONCore
import Objects
import Reconciling
import Values

/// Shows what a namespace uses of each quota, counted as admission counts it.
public struct ResourceQuotaController: Controller {
  public let name = "resourcequota-controller"

  private let usage = QuotaUsage()

  public init() {}

  public var watches: [Watch] {
    [
      .each(.resourceQuotas),
      Watch(nil) { change, snapshot in
        // Most changes of an object change nothing that counts: only pods and claims are looked at for their contents.
        let resource = change.key.resource
        if change.object.namespace.isEmpty || resource == .events { return [] }
        if change.kind == .modified, resource != .pods, resource != .persistentVolumeClaims, resource != .services {
          return []
        }
        return snapshot.objects(.resourceQuotas, namespace: change.object.namespace).map(\.key)
      },
    ]
  }

  public var gathering: Duration { .milliseconds(50) }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    let hard = json.at("spec", "hard") ?? .emptyObject
    let names = Set((hard.object ?? Members()).allKeys)
    let used = usage.used(names, json, snapshot, key.namespace)
    var status = json["status"] ?? .emptyObject
    status["hard"] = hard
    status["used"] = JSON(used.mapValues(\.description))
    let action = Action.status(object, from: json["status"], to: status, isExact: true)
    return Plan(action.map { [$0] } ?? [])
  }
}
