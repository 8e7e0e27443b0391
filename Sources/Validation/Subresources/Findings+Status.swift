import JSONCore
import Objects

extension Findings {
  /// Numbers in the status that count something.
  mutating func counts(_ object: JSON, _ fields: [String]) {
    for field in fields { nonNegative(Path("status").child(field), object["status"]?[field]) }
  }

  /// - Parameter name: how the message calls the limit.
  mutating func atMost(_ object: JSON, _ fields: [String], _ limit: String, _ name: String) {
    let most = object["status"]?[limit]?.int ?? 0
    for field in fields {
      guard let count = object["status"]?[field]?.int, count > most else { continue }
      invalid(Path("status").child(field), JSON(count), "cannot be greater than \(name)")
    }
  }

  /// Conditions in their common form (`metav1.Condition`).
  mutating func conditions(_ conditions: JSON?, _ path: Path) {
    var types = Set<String>()
    for (path, condition) in elements(conditions, path) {
      let type = condition.text("type")
      if !types.insert(type).inserted { duplicate(path.child("type"), .string(type)) }
      invalid(path.child("type"), type, messages: Names.qualified(type))
      supported(path.child("status"), condition.text("status"), ["False", "True", "Unknown"])
      if let generation = condition["observedGeneration"]?.int, generation < 0 {
        invalid(path.child("observedGeneration"), JSON(generation), "must be greater than or equal to zero")
      }
      if condition.text("lastTransitionTime").isEmpty { required(path.child("lastTransitionTime"), "must be set") }
      if condition.text("reason").isEmpty { required(path.child("reason"), "must be set") }
    }
  }

  /// `status.loadBalancer`.
  /// - Parameter modes: of an address, for the kinds that know modes.
  mutating func loadBalancer(_ object: JSON, modes: [String]?) {
    let path = Path("status.loadBalancer.ingress")
    let points = object.at("status", "loadBalancer", "ingress")
    if modes != nil, points?.array?.isEmpty == false, object["spec"]?.text("type") != "LoadBalancer" {
      return forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")
    }
    for (path, point) in elements(points, path) {
      let address = point.text("ip")
      if !address.isEmpty { ipAddress(path.child("ip"), address) }
      if let modes {
        switch point["ipMode"]?.string {
        case nil: if !address.isEmpty { required(path.child("ipMode"), "must be specified when `ip` is set") }
        case _? where address.isEmpty:
          forbidden(path.child("ipMode"), "may not be specified when `ip` is not set")
        case let mode?: supported(path.child("ipMode"), mode, modes)
        }
      }
      let name = point.text("hostname")
      if name.isEmpty { continue }
      invalid(path.child("hostname"), name, messages: Names.subdomain(name))
      if IPAddress(name) != nil {
        invalid(path.child("hostname"), .string(name), "must be a DNS name, not an IP address")
      }
    }
  }
}
