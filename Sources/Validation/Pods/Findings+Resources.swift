import JSONCore
import Objects

extension Findings {
  /// `resources` of a container.
  /// - Parameter claims: those of the pod, by name.
  mutating func resources(_ resources: JSON?, _ path: Path, claims: Set<String>) {
    guard let resources else { return }
    amounts(resources, path) { $0.containerResource($1, $2) }
    claimNames(resources["claims"], path.child("claims"), claims)
  }

  /// `resources` of a pod as a whole.
  mutating func podResources(_ resources: JSON, _ spec: JSON, _ path: Path) {
    if spec.at("os", "name") == "windows" { return forbidden(path, "may not be set for a windows pod") }
    if resources["claims"] != nil {
      forbidden(path.child("claims"), "claims may not be set for Resources at pod-level")
    }
    amounts(resources, path) { findings, name, path in
      let count = findings.errors.count
      QuotaRules.resourceName(name, path, &findings)
      if findings.errors.count > count || ResourceNames.isOfPods(name) { return }
      findings.add(.notSupported(path, .string(name), ["cpu", "hugepages-", "memory"]))
    }
    podShares(resources, spec, path)
  }

  /// Limits and requests: of things that exist, in amounts that fit together.
  private mutating func amounts(_ resources: JSON, _ path: Path, name judge: (inout Findings, String, Path) -> Void) {
    let limits = resources["limits"]?.object ?? Members()
    let requests = resources["requests"]?.object ?? Members()
    for (name, value) in limits {
      let place = path.child("limits").key(name)
      judge(&self, name, place)
      amount(of: name, value, place)
      wholePages(name, value, place)
    }
    for (name, value) in requests {
      let place = path.child("requests").key(name)
      judge(&self, name, place)
      amount(of: name, value, place)
      wholePages(name, value, place)
      guard let request = Quantity(value) else { continue }
      if let limit = Quantity(limits[name]) {
        if request != limit, !ResourceNames.canOvercommit(name) {
          invalid(path.child("requests"), .string(request.description), "must be equal to \(name) limit of \(limit)")
        } else if request > limit {
          invalid(
            path.child("requests"), .string(request.description),
            "must be less than or equal to \(name) limit of \(limit)")
        }
      } else if !ResourceNames.canOvercommit(name) {
        required(path.child("limits"), "Limit must be set for non overcommitable resources")
      }
    }
    let names = limits.allKeys + requests.allKeys
    if names.contains(where: { $0.hasPrefix("hugepages-") }),
      !names.contains(where: { ["cpu", "memory"].contains($0) })
    {
      forbidden(path, "HugePages require cpu or memory")
    }
  }

  /// `limits[x]` or `requests[x]` of a container (`validateContainerResourceName`).
  mutating func containerResource(_ name: String, _ place: Path) {
    QuotaRules.resourceName(name, place, &self)
    if !name.contains("/") {
      if !ResourceNames.isOfContainers(name) {
        invalid(place, .string(name), "must be a standard resource for containers")
      }
    } else if !ResourceNames.isNative(name), !ResourceNames.isExtended(name) {
      invalid(place, .string(name), "doesn't follow extended resource name standard")
    }
  }

  private mutating func wholePages(_ name: String, _ value: JSON, _ place: Path) {
    guard name.hasPrefix("hugepages-"), let amount = Quantity(value) else { return }
    let page = Quantity(.string(String(name.dropFirst("hugepages-".count))))?.value ?? 0
    if page <= 0 || amount.value % page != 0 {
      invalid(
        place, .string(amount.description), "\(amount) is not positive integer multiple of \(name)")
    }
  }

  /// An amount of something that cannot be negative.
  mutating func quantity(_ value: JSON, _ path: Path) {
    if let amount = Quantity(value), amount < .zero {
      invalid(path, .string(amount.description), "must be greater than or equal to 0")
    }
  }

  /// An amount of a resource, some of which come as a whole or not at all.
  mutating func amount(of name: String, _ value: JSON, _ path: Path) {
    quantity(value, path)
    guard ResourceNames.isWhole(name), let amount = Quantity(value), amount.milliValue % 1000 != 0 else { return }
    invalid(path, .string(amount.description), "must be an integer")
  }

  /// What containers ask for has to fit in what their pod has.
  private mutating func podShares(_ resources: JSON, _ spec: JSON, _ path: Path) {
    var totals: [String: Quantity] = [:]
    let containers = spec.list("containers")
    let running = containers + spec.list("initContainers").filter { $0.text("restartPolicy") == "Always" }
    for container in running {
      for (name, value) in container.at("resources", "requests")?.object ?? Members() {
        guard let amount = Quantity(value) else { continue }
        totals[name, default: Quantity(nanos: 0, format: amount.format)] += amount
      }
    }
    for (name, value) in resources["requests"]?.object ?? Members() {
      guard let own = Quantity(value), let total = totals[name], total > own else { continue }
      invalid(
        path.child("requests").key(name), .string(own.description),
        "must be greater than or equal to aggregate container requests of \(total)")
    }
    for (index, container) in containers.enumerated() {
      for (name, value) in container.at("resources", "limits")?.object ?? Members() {
        guard let limit = Quantity(value), let own = Quantity(resources["limits"]?[name]), limit > own else { continue }
        invalid(
          path.child("containers").index(index).key(name).child("limits"), .string(limit.description),
          "must be less than or equal to pod limits of \(own)")
      }
    }
  }
}
