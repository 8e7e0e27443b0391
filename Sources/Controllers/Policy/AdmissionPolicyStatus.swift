import JSONCore
import Objects
import Reconciling
import Values

/// Says of each ValidatingAdmissionPolicy that its expressions were looked at. Their types are checked when they are written,
/// so there is nothing to warn of here.
public struct AdmissionPolicyStatus: Controller {
  public let name = "validatingadmissionpolicy-status-controller"

  public init() {}

  public var watches: [Watch] { [.each(.admissionPolicies)] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    var status = json["status"] ?? .emptyObject
    if status["observedGeneration"]?.int ?? 0 >= json.generation { return .nothing }
    status["observedGeneration"] = JSON(json.generation)
    status["typeChecking"] = .emptyObject
    return Plan(Action.status(object, from: json["status"], to: status).map { [$0] } ?? [])
  }
}

extension GroupResource {
  static let admissionPolicies = GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicies")
}
