import JSONCore

extension Profile {
  /// - Parameter path: where in the file it stands, for errors.
  init(_ json: JSON, _ path: String) throws(ConfigurationError) {
    self.init(name: json["schedulerName"]?.string ?? Scheduler.name)
    let plugins = json["plugins"] ?? .emptyObject
    for point in Self.points {
      guard let set = plugins[point] else { continue }
      for (index, item) in set.list("disabled").enumerated() {
        try disable(item.text("name"), point, "\(path).plugins.\(point).disabled[\(index)]")
      }
      for (index, item) in set.list("enabled").enumerated() {
        try enable(item, point, "\(path).plugins.\(point).enabled[\(index)]")
      }
    }
    if let unknown = plugins.object?.allKeys.first(where: { !Self.points.contains($0) }) {
      throw ConfigurationError("\(path).plugins.\(unknown): this extension point is not known")
    }
    for (index, item) in json.list("pluginConfig").enumerated() {
      try configure(item, "\(path).pluginConfig[\(index)]")
    }
  }

  /// In the order in which they are read: what is said for all points comes first.
  private static let points = [
    "multiPoint", "preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore", "score", "reserve",
    "permit",
    "preBind", "bind", "postBind",
  ]

  private static func plugin(_ name: String, _ path: String) throws(ConfigurationError) -> Plugin {
    guard let plugin = Plugin(name: name) else {
      throw ConfigurationError("\(path).name: there is no plug-in \"\(name)\"")
    }
    return plugin
  }

  private mutating func disable(_ name: String, _ point: String, _ path: String) throws(ConfigurationError) {
    let chosen = name == "*" ? Plugin.allCases : [try Self.plugin(name, path)]
    for plugin in chosen {
      if ["multiPoint", "filter"].contains(point) { filters.subtract(PluginSet(plugin)) }
      if ["multiPoint", "score"].contains(point) { weights[plugin] = nil }
      if ["multiPoint", "postFilter"].contains(point), plugin == .defaultPreemption { preempts = false }
    }
  }

  private mutating func enable(_ item: JSON, _ point: String, _ path: String) throws(ConfigurationError) {
    let plugin = try Self.plugin(item.text("name"), path)
    let weight = item["weight"]?.int ?? 0
    guard (0...10_000).contains(weight) else {
      throw ConfigurationError("\(path).weight: must be between 0 and 10000")
    }
    if ["multiPoint", "filter"].contains(point) { filters.formUnion(PluginSet(plugin)) }
    if ["multiPoint", "score"].contains(point), plugin.defaultWeight > 0 {
      weights[plugin] = weight > 0 ? Int64(weight) : point == "score" ? 1 : plugin.defaultWeight
    }
    if ["multiPoint", "postFilter"].contains(point), plugin == .defaultPreemption { preempts = true }
  }

  private mutating func configure(_ item: JSON, _ path: String) throws(ConfigurationError) {
    let args = item["args"] ?? .emptyObject
    switch try Self.plugin(item.text("name"), path) {
    case .nodeResourcesFit: try configureFit(args, "\(path).args")
    case .nodeResourcesBalancedAllocation:
      let names = args.list("resources").map { $0.text("name") }
      if !names.isEmpty { balancedResources = names }
    case .interPodAffinity:
      let weight = args["hardPodAffinityWeight"]?.int ?? hardPodAffinityWeight
      guard (0...100).contains(weight) else {
        throw ConfigurationError("\(path).args.hardPodAffinityWeight: must be between 0 and 100")
      }
      hardPodAffinityWeight = weight
      ignoresPreferencesOfPlacedPods = args["ignorePreferredTermsOfExistingPods"]?.bool ?? false
    case .podTopologySpread: configureSpread(args)
    case .nodeAffinity:
      let added = args["addedAffinity"]
      addedTerms = added?["requiredDuringSchedulingIgnoredDuringExecution"].map {
        $0.list("nodeSelectorTerms").map(NodeTerm.init)
      }
      addedPreferences =
        (added?.list("preferredDuringSchedulingIgnoredDuringExecution") ?? []).map(NodePreference.init)
    default: break
    }
  }

  private mutating func configureSpread(_ args: JSON) {
    if args.text("defaultingType") != "List" { return }
    isSpreadOfSystem = false
    defaultSpread = args.list("defaultConstraints").map {
      DefaultSpread(
        topologyKey: $0.text("topologyKey"), maxSkew: max(1, $0["maxSkew"]?.int ?? 1),
        isRequired: $0.text("whenUnsatisfiable") != "ScheduleAnyway")
    }
  }

  private mutating func configureFit(_ args: JSON, _ path: String) throws(ConfigurationError) {
    ignoredResources = Set(args.list("ignoredResources").compactMap(\.string))
    ignoredGroups = Set(args.list("ignoredResourceGroups").compactMap(\.string))
    guard let strategy = args["scoringStrategy"] else { return }
    if let list = strategy["resources"]?.array, !list.isEmpty {
      fitResources = list.map { Share(name: $0.text("name"), weight: Int64(min(max($0["weight"]?.int ?? 1, 1), 100))) }
    }
    switch strategy["type"]?.string ?? "LeastAllocated" {
    case "LeastAllocated": fitStrategy = .leastAllocated
    case "MostAllocated": fitStrategy = .mostAllocated
    case "RequestedToCapacityRatio":
      fitStrategy = .ratio(try Self.shape(strategy.at("requestedToCapacityRatio", "shape"), path))
    default:
      throw ConfigurationError(
        "\(path).scoringStrategy.type: must be LeastAllocated, MostAllocated or RequestedToCapacityRatio")
    }
  }

  /// Scores are from 0 to 10 in the file.
  private static func shape(_ json: JSON?, _ path: String) throws(ConfigurationError) -> [ShapePoint] {
    let path = "\(path).scoringStrategy.requestedToCapacityRatio.shape"
    let points = json?.array ?? []
    if points.isEmpty { throw ConfigurationError("\(path): at least one point must be given") }
    var shape: [ShapePoint] = []
    for (index, point) in points.enumerated() {
      guard let utilization = point["utilization"]?.int, (0...100).contains(utilization),
        let score = point["score"]?.int, (0...10).contains(score)
      else {
        throw ConfigurationError("\(path)[\(index)]: needs a utilization from 0 to 100 and a score from 0 to 10")
      }
      if let last = shape.last, last.utilization >= Int64(utilization) {
        throw ConfigurationError("\(path)[\(index)].utilization: must grow from point to point")
      }
      shape.append(ShapePoint(utilization: Int64(utilization), score: Int64(score) * Scores.most / 10))
    }
    return shape
  }
}
