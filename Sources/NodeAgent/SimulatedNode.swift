import JSONCore
import Objects
import Reconciling
import Values

/// One simulated node: its object, and the addresses of its pods.
struct SimulatedNode: Sendable {
  let name: String
  /// From 1.
  let number: Int
  let configuration: NodeConfiguration
  /// All that the node has can be given to pods.
  let allocatable: JSON
  var addresses: AddressPool
  /// What its annotations say.
  var signs = NodeSigns(.emptyObject)

  /// No pods are to come to it.
  var isUnschedulable = false

  var isLost: Bool { signs.isUnreachable }

  /// - Parameter allocatable: shared by all nodes of the configuration.
  init(number: Int, _ configuration: NodeConfiguration, _ allocatable: JSON) {
    self.number = number
    self.configuration = configuration
    self.allocatable = allocatable
    name = "\(configuration.prefix)\(number)"
    // 256 networks of 256 addresses each under 10.244, and on to 10.245.
    addresses = AddressPool(second: 244 + number / 256 % 12, third: number % 256)
  }

  var address: String { "172.18.\(number / 250).\(number % 250 + 2)" }

  var object: JSON {
    [
      "apiVersion": "v1", "kind": "Node",
      "metadata": [
        "name": .string(name),
        "labels": [
          "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
          "kubernetes.io/hostname": .string(name), "kubernetes.io/os": "linux",
        ],
        "annotations": ["node.alpha.kubernetes.io/ttl": "0"],
      ],
      "spec": ["podCIDR": .string(addresses.network), "podCIDRs": [.string(addresses.network)]],
    ]
  }

  /// As many images as a kubelet reports.
  private static let imageLimit = 50

  func status(
    from stored: JSON?, runtime: String, images: [Image], signs: NodeSigns, at now: Instant
  ) -> JSON {
    var status = stored ?? .emptyObject
    status["capacity"] = capacity(stored)
    status["allocatable"] = status["capacity"]
    status["addresses"] = [
      ["type": "InternalIP", "address": .string(address)], ["type": "Hostname", "address": .string(name)],
    ]
    status["daemonEndpoints"] = ["kubeletEndpoint": ["Port": 10250]]
    status["nodeInfo"] = [
      "machineID": .string(String(WellKnownImages.digest(name).prefix(32))),
      "systemUUID": .string(Self.uuid(name)), "bootID": .string(Self.uuid("boot/" + name)),
      "kernelVersion": "6.12.0-swiftlet", "osImage": "Swiftlet (simulated)",
      "containerRuntimeVersion": .string(runtime), "kubeletVersion": .string(configuration.kubeletVersion),
      "kubeProxyVersion": "", "operatingSystem": "linux", "architecture": "amd64",
    ]
    let list = images.prefix(Self.imageLimit).map { image -> JSON in
      ["names": [.string(image.id), .string(image.name)], "sizeBytes": .int(image.sizeBytes)]
    }
    if !list.isEmpty { status["images"] = .array(list) }
    status["conditions"] = conditions(status.list("conditions"), signs, now)
    return status
  }

  /// What it has, and what others say that it has beside it: extended resources. All of it can be given to pods.
  private func capacity(_ stored: JSON?) -> JSON {
    var capacity = stored?["capacity"]?.object ?? Members()
    for (name, amount) in allocatable.object ?? Members() { capacity[name] = amount }
    return .object(capacity)
  }

  /// Whether a status says otherwise what can be given to pods than this node would.
  func differs(from stored: JSON?) -> Bool {
    stored?["allocatable"] != nil && stored?["allocatable"] != capacity(stored)
  }

  private func conditions(_ old: [JSON], _ signs: NodeSigns, _ now: Instant) -> JSON {
    var conditions = [
      ("memory-pressure", "MemoryPressure", "KubeletHasInsufficientMemory", "KubeletHasSufficientMemory", "memory"),
      ("disk-pressure", "DiskPressure", "KubeletHasDiskPressure", "KubeletHasNoDiskPressure", "disk"),
      ("pid-pressure", "PIDPressure", "KubeletHasInsufficientPID", "KubeletHasSufficientPID", "PID"),
    ].map { key, type, bad, good, noun -> Condition in
      let isUnder = signs.has(key)
      let isDisk = noun == "disk"
      let message =
        isUnder
        ? (isDisk ? "kubelet has disk pressure" : "kubelet has insufficient \(noun) available")
        : (isDisk ? "kubelet has no disk pressure" : "kubelet has sufficient \(noun) available")
      return Condition(type: type, status: isUnder ? "True" : "False", reason: isUnder ? bad : good, message: message)
    }
    let why = signs.has("not-ready") ? signs["not-ready"] ?? "" : nil
    conditions.append(
      Condition(
        type: "Ready", status: why == nil ? "True" : "False",
        reason: why == nil ? "KubeletReady" : "KubeletNotReady",
        message: why.map { $0.isEmpty || $0 == "true" ? "container runtime is down" : $0 }
          ?? "kubelet is posting ready status"))
    let own = conditions.map { condition -> JSON in
      let before = old.first { $0.text("type") == condition.type }
      let isSame = before?.text("status") == condition.status
      let now = JSON.string(now.rfc3339)
      return [
        "type": .string(condition.type), "status": .string(condition.status), "reason": .string(condition.reason),
        "message": .string(condition.message), "lastHeartbeatTime": now,
        "lastTransitionTime": isSame ? before?["lastTransitionTime"] ?? now : now,
      ]
    }
    // Others may have written conditions of their own.
    let types = Set(conditions.map(\.type))
    return .array(old.filter { !types.contains($0.text("type")) } + own)
  }

  private struct Condition {
    let type: String
    let status: String
    let reason: String
    let message: String
  }

  private static func uuid(_ text: String) -> String {
    let digits = Array(WellKnownImages.digest(text))
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}
