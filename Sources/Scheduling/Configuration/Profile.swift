import JSONCore

/// How the pods of one `schedulerName` are treated: which plug-ins decide, and with what weight.
public struct Profile: Sendable {
  /// A resource, and what it counts beside the others.
  struct Share: Sendable, Equatable {
    var name: String
    var weight: Int64
  }

  /// A point of a function from utilisation (percent) to score (0 to 100).
  struct ShapePoint: Sendable, Equatable {
    var utilization: Int64
    var score: Int64
  }

  enum FitStrategy: Sendable, Equatable {
    case leastAllocated
    case mostAllocated
    case ratio([ShapePoint])
  }

  public var name: String
  var filters = PluginSet.all
  /// 0: not asked.
  var weights: [Plugin: Int64] = Dictionary(
    uniqueKeysWithValues: Plugin.allCases.filter { $0.defaultWeight > 0 }.map { ($0, $0.defaultWeight) })
  var preempts = true
  var fitStrategy = FitStrategy.leastAllocated
  var fitResources = [Share(name: "cpu", weight: 1), Share(name: "memory", weight: 1)]
  var balancedResources = ["cpu", "memory"]
  /// Extended resources that are not looked at; groups are the part before the slash.
  var ignoredResources: Set<String> = []
  var ignoredGroups: Set<String> = []
  /// What a pod's required affinity counts for those that it requires.
  var hardPodAffinityWeight = 1
  var ignoresPreferencesOfPlacedPods = false
  var defaultSpread = DefaultSpread.system
  /// The stock default spread is lenient with nodes that lack a label.
  var isSpreadOfSystem = true
  /// Node affinity for every pod.
  var addedTerms: [NodeTerm]?
  var addedPreferences: [NodePreference] = []
  /// Percent of nodes to look for before scoring; 0 for what the size of the cluster suggests.
  var percentageOfNodesToScore = 0

  public static let stock = Profile(name: Scheduler.name)

  public init(name: String) { self.name = name }

  func weight(_ plugin: Plugin) -> Int64 { weights[plugin] ?? 0 }

  func ignores(resource: String) -> Bool {
    if ignoredResources.isEmpty && ignoredGroups.isEmpty { return false }
    return ignoredResources.contains(resource) || ignoredGroups.contains(String(resource.prefix { $0 != "/" }))
  }

  /// Large clusters are not looked at in full: enough nodes that fit are enough.
  func sampleSize(_ nodes: Int) -> Int {
    if nodes < 100 { return nodes }
    let percent = percentageOfNodesToScore > 0 ? percentageOfNodesToScore : max(5, 50 - nodes / 125)
    return min(nodes, max(100, nodes * percent / 100))
  }
}
