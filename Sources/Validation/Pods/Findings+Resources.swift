import JSONCore
import Objects

extension Findings {
  /// `resources` of a container.
  mutating func resources(_ resources: JSON?, _ path: Path) {
    guard let resources else { return }
    let limits = resources["limits"]?.object ?? Members()
    let requests = resources["requests"]?.object ?? Members()
    for (name, value) in limits { containerResource(name, value, path.child("limits")) }
    let names = Set(limits.allKeys + requests.allKeys)
    if names.contains(where: { $0.hasPrefix("hugepages-") }), names.isDisjoint(with: ["cpu", "memory"]) {
      forbidden(path, "HugePages require cpu or memory")
    }
    for (name, value) in requests {
      containerResource(name, value, path.child("requests"))
      guard let request = Quantity(value) else { continue }
      if let limit = Quantity(limits[name]) {
        if request > limit, Self.isOvercommitable(name) {
          invalid(
            path.child("requests"), .string(request.description),
            "must be less than or equal to \(name) limit of \(limit)")
        } else if request != limit, !Self.isOvercommitable(name) {
          invalid(path.child("requests"), .string(request.description), "must be equal to \(name) limit of \(limit)")
        }
      } else if !Self.isOvercommitable(name) {
        required(path.child("limits"), "Limit must be set for non overcommitable resources")
      }
    }
    for (path, claim) in elements(resources["claims"], path.child("claims")) where claim.text("name").isEmpty {
      required(path.child("name"))
    }
  }

  private static let standard = ["cpu", "memory", "ephemeral-storage"]

  /// Extended resources and huge pages cannot be lent out twice.
  private static func isOvercommitable(_ name: String) -> Bool {
    standard.contains(name) || (!name.contains("/") && !name.hasPrefix("hugepages-"))
      || name.contains("kubernetes.io/") && !name.hasPrefix("requests.")
  }

  private mutating func containerResource(_ name: String, _ value: JSON, _ path: Path) {
    let place = path.key(name)
    let messages = Names.qualified(name)
    invalid(place, name, messages: messages)
    if messages.isEmpty, !name.contains("/"), !Self.standard.contains(name), !name.hasPrefix("hugepages-") {
      if !QuotaRules.isStandard(name) {
        invalid(place, .string(name), "must be a standard resource type or fully qualified")
      }
      invalid(place, .string(name), "must be a standard resource for containers")
    } else if name.contains("/"), !name.contains("kubernetes.io/"), name.hasPrefix("requests.") {
      invalid(place, .string(name), "doesn't follow extended resource name standard")
    }
    quantity(value, place)
    if name.contains("/"), !name.contains("kubernetes.io/"), let amount = Quantity(value), amount.milliValue % 1000 != 0
    {
      invalid(place, .string(amount.description), "must be an integer")
    }
  }

  /// An amount of something that cannot be negative.
  mutating func quantity(_ value: JSON, _ path: Path) {
    if let amount = Quantity(value), amount < .zero {
      invalid(path, .string(amount.description), "must be greater than or equal to 0")
    }
  }

  /// `spec` of a claim, or of a claim's template.
  mutating func claimSpec(_ spec: JSON, _ path: Path) {
    let modes = spec.list("accessModes").compactMap(\.string)
    if modes.isEmpty { required(path.child("accessModes"), "at least 1 access mode is required") }
    if modes.contains("ReadWriteOncePod"), modes.count > 1 {
      forbidden(path.child("accessModes"), "may not use ReadWriteOncePod with other access modes")
    }
    labelSelector(spec["selector"], path.child("selector"))
    for mode in modes {
      supported(
        path.child("accessModes"), mode, ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"])
    }
    let place = path.child("resources").key("storage")
    if let value = spec.at("resources", "requests", "storage") {
      if let amount = Quantity(value), amount <= .zero {
        invalid(place, .string(amount.description), "must be greater than zero")
      }
    } else {
      required(place)
    }
    if let name = spec["storageClassName"]?.string, !name.isEmpty {
      invalid(path.child("storageClassName"), name, messages: Names.subdomain(name))
    }
    if let mode = spec["volumeMode"]?.string { supported(path.child("volumeMode"), mode, ["Block", "Filesystem"]) }
    if let source = spec["dataSource"] {
      for field in ["name", "kind"] where source.text(field).isEmpty { required(path.child("dataSource").child(field)) }
      if source.text("apiGroup").isEmpty, source.text("kind") != "PersistentVolumeClaim" {
        invalid(
          path.child("dataSource"), source["kind"],
          "must be 'PersistentVolumeClaim' when referencing the default apiGroup")
      }
    }
  }
}
