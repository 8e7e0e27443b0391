import ArgumentParser
import Controllers

/// `--controllers`: which controllers run, as kube-controller-manager takes it: `*`, `*,-deployment`, `garbage-collector`.
struct ControllerChoice: ExpressibleByArgument, CustomStringConvertible, Sendable {
  let description: String
  private let includesAll: Bool
  private let wanted: Set<String>
  private let unwanted: Set<String>

  static let all = ControllerChoice(argument: "*")

  init(argument text: String) {
    let words = text.split(separator: ",").map { String($0.filter { $0 != " " }) }
    description = text
    includesAll = words.contains("*")
    wanted = Set(words.filter { !$0.hasPrefix("-") && $0 != "*" })
    unwanted = Set(words.filter { $0.hasPrefix("-") }.map { String($0.dropFirst()) })
  }

  /// Names may leave out their ending `-controller`, and may be older ones.
  func includes(_ name: String) -> Bool {
    let names = Self.spellings(name)
    if names.contains(where: unwanted.contains) { return false }
    return includesAll || names.contains(where: wanted.contains)
  }

  private static func spellings(_ name: String) -> [String] {
    (aliases[name] ?? []).flatMap(shortened) + shortened(name)
  }

  private static func shortened(_ name: String) -> [String] {
    name.hasSuffix("-controller") ? [name, String(name.dropLast("-controller".count))] : [name]
  }

  /// Controllers that kube-controller-manager calls otherwise today, or did before 1.28.
  private static let aliases = [
    "bootstrap-signer-controller": ["bootstrapsigner"],
    "certificatesigningrequest-approving-controller": ["csrapproving"],
    "certificatesigningrequest-cleaner-controller": ["csrcleaner"],
    "certificatesigningrequest-signing-controller": ["csrsigning"],
    "endpoints-controller": ["endpoint"],
    "endpointslice-mirroring-controller": ["endpointslicemirroring"],
    "generic-garbage-collector": ["garbage-collector-controller", "garbagecollector"],
    "horizontal-pod-autoscaler-controller": ["horizontalpodautoscaling"],
    "legacy-serviceaccount-token-cleaner-controller": ["legacy-service-account-token-cleaner"],
    "node-lifecycle-controller": ["nodelifecycle"],
    "persistentvolume-attach-detach-controller": ["attachdetach"],
    "persistentvolumeclaim-protection-controller": [
      "pvc-protection", "pv-protection", "persistentvolume-protection-controller",
    ],
    "pod-garbage-collector-controller": ["podgc"],
    "replication-controller": ["replicationcontroller-controller"],
    "resourceclaim-controller": ["resource-claim-controller"],
    "root-ca-certificate-publisher": ["root-ca-certificate-publisher-controller", "root-ca-cert-publisher"],
    "scheduler": ["kube-scheduler"],
    "service-account-controller": ["serviceaccount-controller"],
    "token-cleaner-controller": ["tokencleaner"],
  ]

  /// Every name there is, as it is written in full.
  static let known = (Controllers.names + ["scheduler"]).sorted()

  /// What was named and does not exist.
  var unknown: [String] {
    let spellings = Set(Self.known.flatMap(Self.spellings))
    return wanted.union(unwanted).subtracting(spellings).sorted()
  }
}
