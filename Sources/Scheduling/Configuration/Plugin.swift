/// The parts of a decision, by the names that the stock scheduler gives them; in the order in which filters are asked.
public enum Plugin: UInt32, CaseIterable, Sendable {
  case schedulingGates, prioritySort, nodeUnschedulable, nodeName, taintToleration, nodeAffinity, nodePorts
  case nodeResourcesFit, volumeRestrictions, nodeVolumeLimits, volumeBinding, volumeZone, podTopologySpread
  case interPodAffinity, dynamicResources, defaultPreemption, nodeResourcesBalancedAllocation, imageLocality
  case defaultBinder

  /// `NodeResourcesFit`
  public var name: String {
    switch self {
    case .schedulingGates: "SchedulingGates"
    case .prioritySort: "PrioritySort"
    case .nodeUnschedulable: "NodeUnschedulable"
    case .nodeName: "NodeName"
    case .taintToleration: "TaintToleration"
    case .nodeAffinity: "NodeAffinity"
    case .nodePorts: "NodePorts"
    case .nodeResourcesFit: "NodeResourcesFit"
    case .volumeRestrictions: "VolumeRestrictions"
    case .nodeVolumeLimits: "NodeVolumeLimits"
    case .volumeBinding: "VolumeBinding"
    case .volumeZone: "VolumeZone"
    case .podTopologySpread: "PodTopologySpread"
    case .interPodAffinity: "InterPodAffinity"
    case .dynamicResources: "DynamicResources"
    case .defaultPreemption: "DefaultPreemption"
    case .nodeResourcesBalancedAllocation: "NodeResourcesBalancedAllocation"
    case .imageLocality: "ImageLocality"
    case .defaultBinder: "DefaultBinder"
    }
  }

  public init?(name: String) {
    guard let plugin = Plugin.allCases.first(where: { $0.name == name }) else { return nil }
    self = plugin
  }

  /// What the stock scheduler multiplies its scores with; 0 for those that give none.
  var defaultWeight: Int64 {
    switch self {
    case .taintToleration: 3
    case .nodeAffinity, .podTopologySpread, .interPodAffinity: 2
    case .nodeResourcesFit, .nodeResourcesBalancedAllocation, .imageLocality: 1
    default: 0
    }
  }
}

/// Some of the plug-ins.
struct PluginSet: OptionSet, Sendable, Hashable {
  let rawValue: UInt32

  static let all = PluginSet(Plugin.allCases)
  /// Those that look at nothing but a node and what its pods have taken.
  static let ofNodes = PluginSet([
    .nodeUnschedulable, .nodeName, .taintToleration, .nodeAffinity, .nodePorts, .nodeResourcesFit,
  ])
  static let ofVolumes = PluginSet([.volumeRestrictions, .nodeVolumeLimits, .volumeBinding, .volumeZone])

  init(rawValue: UInt32) { self.rawValue = rawValue }

  init(_ plugins: [Plugin]) { rawValue = plugins.reduce(0) { $0 | 1 << $1.rawValue } }

  init(_ plugin: Plugin) { rawValue = 1 << plugin.rawValue }

  func contains(_ plugin: Plugin) -> Bool { rawValue & 1 << plugin.rawValue != 0 }
}
