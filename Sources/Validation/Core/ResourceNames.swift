/// What the names of resources say about them.
enum ResourceNames {
  private static let computing = ["cpu", "memory", "ephemeral-storage"]

  /// Names without a domain that a quota may bound.
  private static let ofQuotas: Set<String> = [
    "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
    "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods", "resourcequotas",
    "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports",
    "services.loadbalancers",
  ]

  private static let counted: Set<String> = [
    "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims",
    "services.nodeports", "services.loadbalancers",
  ]

  private static func isPages(_ name: String) -> Bool {
    name.hasPrefix("hugepages-") || name.hasPrefix("requests.hugepages-")
  }

  static func isStandard(_ name: String) -> Bool { name == "storage" || isOfQuotas(name) }

  static func isOfQuotas(_ name: String) -> Bool { ofQuotas.contains(name) || isPages(name) }

  static func isOfContainers(_ name: String) -> Bool { computing.contains(name) || name.hasPrefix("hugepages-") }

  static func isOfPods(_ name: String) -> Bool { ["cpu", "memory"].contains(name) || name.hasPrefix("hugepages-") }

  /// Of Kubernetes itself.
  static func isNative(_ name: String) -> Bool { !name.contains("/") || name.contains("kubernetes.io/") }

  /// Of a device plugin, say.
  static func isExtended(_ name: String) -> Bool {
    !isNative(name) && !name.hasPrefix("requests.") && Names.qualified("requests." + name).isEmpty
  }

  /// Extended resources and huge pages cannot be lent out twice.
  static func canOvercommit(_ name: String) -> Bool { isNative(name) && !name.hasPrefix("hugepages-") }

  /// There is no half of it.
  static func isWhole(_ name: String) -> Bool { counted.contains(name) || isExtended(name) }
}
