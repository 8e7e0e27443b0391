import JSONCore
import Objects

/// Amounts by the name of the resource.
struct ResourceAmounts: Sendable {
  var amounts: [String: Quantity] = [:]

  init() {}

  init(_ json: JSON?) {
    for (name, value) in json?.object ?? Members() {
      if let quantity = Quantity(value) { amounts[name] = quantity }
    }
  }

  mutating func add(_ other: ResourceAmounts) {
    amounts.merge(other.amounts) { $0 + $1 }
  }

  mutating func raise(to other: ResourceAmounts) {
    amounts.merge(other.amounts) { max($0, $1) }
  }

  var json: JSON { .object(Members(amounts.map { ($0.key, .string($0.value.description)) })) }
}

/// What a pod asks for in all: the sum of its containers and sidecars, or the most that one of its init containers needs
/// with the sidecars started before it, whichever is more; and its overhead.
struct PodResources: Sendable {
  var requests: ResourceAmounts
  var limits: ResourceAmounts

  init(_ pod: JSON) {
    let spec = pod["spec"] ?? .emptyObject
    requests = Self.total(spec, "requests")
    limits = Self.total(spec, "limits")
  }

  private static func total(_ spec: JSON, _ list: String) -> ResourceAmounts {
    var running = ResourceAmounts()
    for container in spec.list("containers") { running.add(ResourceAmounts(container.at("resources", list))) }
    var sidecars = ResourceAmounts()
    var peak = ResourceAmounts()
    for container in spec.list("initContainers") {
      var amounts = ResourceAmounts(container.at("resources", list))
      if container.text("restartPolicy") == "Always" {
        running.add(amounts)
        sidecars.add(amounts)
        amounts = sidecars
      } else {
        amounts.add(sidecars)
      }
      peak.raise(to: amounts)
    }
    running.raise(to: peak)
    // Resources of the pod as a whole stand above those of its containers.
    for (name, amount) in ResourceAmounts(spec["resources"]?[list]).amounts { running.amounts[name] = amount }
    running.add(ResourceAmounts(spec["overhead"]))
    return running
  }
}
