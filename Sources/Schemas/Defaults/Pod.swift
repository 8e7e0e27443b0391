import JSONCore
import Objects

extension ConditionalDefaults {
  /// What pods have beyond pod templates.
  @Sendable static func setPod(_ pod: inout JSON) {
    // A stored spec that nobody looked into has its defaults.
    guard pod.object?.unread("spec") == nil, var spec = pod["spec"] else { return }
    pod["spec"] = nil
    spec.setDefault("enableServiceLinks", true)
    let usesHostNetwork = spec["hostNetwork"]?.bool ?? false
    for list in ["containers", "initContainers"] {
      spec.modifyList(list) { container in
        setRequests(&container)
        if usesHostNetwork { setHostPorts(&container) }
      }
    }
    if spec["resources"] != nil { setPodRequests(&spec) }
    pod["spec"] = spec
  }

  /// The deprecated name of the service account follows the current one, and the other way round.
  @Sendable static func setPodSpec(_ spec: inout JSON) {
    let account = spec.text("serviceAccountName")
    if account.isEmpty {
      if let old = spec["serviceAccount"] { spec["serviceAccountName"] = old }
    } else {
      spec["serviceAccount"] = .string(account)
    }
  }

  @Sendable static func setContainer(_ container: inout JSON) {
    if container["imagePullPolicy"] != nil { return }
    container["imagePullPolicy"] = .string(pullPolicy(image: container.text("image")))
  }

  @Sendable static func setImageVolume(_ source: inout JSON) {
    if source["pullPolicy"] != nil { return }
    source["pullPolicy"] = .string(pullPolicy(image: source.text("reference")))
  }

  /// A volume that names no source is an empty directory.
  @Sendable static func setVolume(_ volume: inout JSON) {
    let hasSource = volume.object?.allKeys.contains { $0 != "name" } ?? false
    if !hasSource { volume["emptyDir"] = .emptyObject }
  }

  /// Images without a tag or digest are `latest`, and `latest` is pulled each time.
  static func pullPolicy(image: String) -> String {
    if image.isEmpty { return "IfNotPresent" }
    let parts = image.split(separator: "@", maxSplits: 1)
    let name = parts[0].split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let colon = name.lastIndex(of: ":") else { return parts.count == 1 ? "Always" : "IfNotPresent" }
    return name[name.index(after: colon)...] == "latest" ? "Always" : "IfNotPresent"
  }

  /// A resource with a limit but no request gets the limit as its request.
  private static func setRequests(_ container: inout JSON) {
    guard let limits = container.at("resources", "limits")?.object, !limits.isEmpty else { return }
    for (name, limit) in limits { container["resources"]?["requests", default: .emptyObject].setDefault(name, limit) }
  }

  private static func setHostPorts(_ container: inout JSON) {
    container.modifyList("ports") { port in
      if let number = port["containerPort"], (port["hostPort"]?.int ?? 0) == 0 { port["hostPort"] = number }
    }
  }

  /// Requests of the pod as a whole: the sum of its containers' requests, else the pod's limit.
  private static func setPodRequests(_ spec: inout JSON) {
    var sums: [String: Quantity] = [:]
    for container in spec.list("containers") {
      for (name, amount) in container.at("resources", "requests")?.object ?? Members() where isPodLevel(name) {
        guard let amount = Quantity(amount) else { continue }
        sums[name] = sums[name].map { $0 + amount } ?? amount
      }
    }
    for (name, sum) in sums where !name.hasPrefix("hugepages-") {
      spec["resources"]?["requests", default: .emptyObject].setDefault(name, .string(sum.description))
    }
    for (name, limit) in spec.at("resources", "limits")?.object ?? Members() where isPodLevel(name) {
      spec["resources"]?["requests", default: .emptyObject].setDefault(name, limit)
    }
  }

  private static func isPodLevel(_ name: String) -> Bool {
    name == "cpu" || name == "memory" || name.hasPrefix("hugepages-")
  }
}
