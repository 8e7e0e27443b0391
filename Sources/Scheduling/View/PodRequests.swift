import JSONCore
import Objects

/// What a pod takes of a node, as a whole: containers run together; init containers run one after another, beside the
/// sidecars that were started before them; what is asked for the pod itself goes before the sum; overhead comes on top.
enum PodRequests {
  /// What a container that says nothing counts as in scores.
  private static let defaultMilliCPU: Int64 = 100
  private static let defaultMemory: Int64 = 200 * 1024 * 1024

  static func isSidecar(_ container: JSON) -> Bool { container.text("restartPolicy") == "Always" }

  /// - Parameter defaults: whether containers that say nothing of CPU or memory count with the defaults for scores.
  static func total(_ spec: JSON, _ status: JSON?, defaults: Bool) -> Amounts {
    let whole = spec.at("resources", "requests").map(Amounts.init)
    let resizing = Resizing(status)
    func amounts(_ container: JSON) -> Amounts {
      let list = container.at("resources", "requests")
      var amounts = Amounts(list)
      resizing?.raise(&amounts, container.text("name"))
      if defaults, whole == nil {
        if list?["cpu"] == nil { amounts.milliCPU = defaultMilliCPU }
        if list?["memory"] == nil { amounts.memory = defaultMemory }
      }
      return amounts
    }
    var total = Amounts()
    for container in spec.list("containers") { total += amounts(container) }
    var sidecars = Amounts()
    var peak = Amounts()
    for container in spec.list("initContainers") {
      var together = amounts(container)
      together += sidecars
      if isSidecar(container) { sidecars = together }
      peak.raise(to: together)
    }
    total += sidecars
    total.raise(to: peak)
    if let whole { override(&total, by: spec.at("resources", "requests"), whole) }
    total += Amounts(spec["overhead"])
    return total
  }

  /// CPU, memory and huge pages can be asked for the pod as a whole.
  private static func override(_ total: inout Amounts, by list: JSON?, _ whole: Amounts) {
    if list?["cpu"] != nil { total.milliCPU = whole.milliCPU }
    if list?["memory"] != nil { total.memory = whole.memory }
    for (name, amount) in whole.extended where name.hasPrefix("hugepages-") { total.extended[name] = amount }
  }

  /// Containers whose resources change while they run: until the change is done they count with the larger amount.
  private struct Resizing {
    private var byContainer: [String: Amounts] = [:]

    init?(_ status: JSON?) {
      guard let status else { return nil }
      for entry in status.list("containerStatuses") + status.list("initContainerStatuses") {
        var amounts = Amounts(entry["allocatedResources"])
        amounts.raise(to: Amounts(entry.at("resources", "requests")))
        if amounts != Amounts() { byContainer[entry.text("name")] = amounts }
      }
      if byContainer.isEmpty { return nil }
    }

    func raise(_ amounts: inout Amounts, _ name: String) {
      if let actual = byContainer[name] { amounts.raise(to: actual) }
    }
  }
}
