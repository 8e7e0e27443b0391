import JSONCore
import Values

/// The simulated nodes: how many, and what each of them has.
public struct NodeConfiguration: Sendable {
  /// Nodes are named `<prefix>1` to `<prefix><count>`.
  public var count = 3
  public var prefix = "node-"
  public var cpu = "8"
  public var memory = "32Gi"
  public var ephemeralStorage = "100Gi"
  public var pods = 110
  /// The version that the nodes report.
  public var kubeletVersion = "v1.36.0"

  public init() {}

  public var names: [String] { (0..<count).map { "\(prefix)\($0 + 1)" } }
}

/// One simulated node: its object, and the addresses of its pods.
struct SimulatedNode: Sendable {
  let name: String
  /// From 1.
  let number: Int
  let configuration: NodeConfiguration
  var addresses: AddressPool

  init(number: Int, _ configuration: NodeConfiguration) {
    self.number = number
    self.configuration = configuration
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

  func status(from stored: JSON?, runtime: String, at now: Instant) -> JSON {
    var status = stored ?? .emptyObject
    let amounts: JSON = [
      "cpu": .string(configuration.cpu), "memory": .string(configuration.memory),
      "ephemeral-storage": .string(configuration.ephemeralStorage), "pods": .string(String(configuration.pods)),
      "hugepages-1Gi": "0", "hugepages-2Mi": "0",
    ]
    status["capacity"] = amounts
    status["allocatable"] = amounts
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
    let facts: [(type: String, status: String, reason: String, message: String)] = [
      ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
      ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
      ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
      ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ]
    let old = status.list("conditions")
    status["conditions"] = .array(
      facts.map { fact in
        let before = old.first { $0.text("type") == fact.type }
        let isSame = before?.text("status") == fact.status
        return [
          "type": .string(fact.type), "status": .string(fact.status), "reason": .string(fact.reason),
          "message": .string(fact.message), "lastHeartbeatTime": .string(now.rfc3339),
          "lastTransitionTime": isSame ? before?["lastTransitionTime"] ?? .string(now.rfc3339) : .string(now.rfc3339),
        ]
      })
    return status
  }

  private static func uuid(_ text: String) -> String {
    let digits = Array(WellKnownImages.digest(text))
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}

/// The addresses of a node's pods, one /24.
struct AddressPool: Sendable {
  private let prefix: String
  private var used: Set<Int> = []
  private var next = 2

  init(second: Int, third: Int) { prefix = "10.\(second).\(third)." }

  var network: String { prefix + "0/24" }

  /// Addresses are used in turn, so that one that has just become free rests for a while. Nil when all are taken.
  mutating func take() -> String? {
    for _ in 0..<253 {
      let number = next
      next = next == 254 ? 2 : next + 1
      if used.insert(number).inserted { return prefix + String(number) }
    }
    return nil
  }

  /// Takes this very address; false when it belongs to another node or is in use.
  mutating func take(_ address: String) -> Bool {
    guard address.hasPrefix(prefix), let number = Int(address.dropFirst(prefix.count)) else { return false }
    return used.insert(number).inserted
  }

  mutating func free(_ address: String) {
    if address.hasPrefix(prefix), let number = Int(address.dropFirst(prefix.count)) { used.remove(number) }
  }
}
