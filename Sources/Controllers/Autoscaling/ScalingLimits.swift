import JSONCore
import Objects
import Values

/// How far and how fast an autoscaler may go: its bounds, its stabilization windows and its policies.
struct ScalingLimits {
  let behavior: JSON?
  let least: Int
  let most: Int
  let current: Int
  let history: ScalingHistory
  let now: Instant

  struct Outcome: Equatable {
    var replicas: Int
    var reason: String
    var message: String
  }

  /// For how many seconds the highest recommendation holds when no behaviour is set.
  private static let defaultWindow = 300

  // MARK: Windows

  /// Holds on to the lowest of recent recommendations when growing and to the highest when shrinking.
  func stabilized(_ wanted: Int) -> Outcome {
    let up = behavior == nil ? 0 : behavior?.at("scaleUp", "stabilizationWindowSeconds")?.int ?? 0
    let down = behavior?.at("scaleDown", "stabilizationWindowSeconds")?.int ?? Self.defaultWindow
    var lowest = wanted
    var highest = wanted
    for recommendation in history.recommendations {
      if recommendation.time > now - .seconds(up) { lowest = min(lowest, recommendation.replicas) }
      if recommendation.time > now - .seconds(down) { highest = max(highest, recommendation.replicas) }
    }
    // Without a behaviour only the way down is held back, even from a size that was never recommended.
    let replicas = behavior == nil ? highest : min(max(current, lowest), highest)
    let isGrowing = behavior != nil && wanted >= current
    return Outcome(
      replicas: replicas, reason: isGrowing ? "ScaleUpStabilized" : "ScaleDownStabilized",
      message: isGrowing
        ? "recent recommendations were lower than current one, applying the lowest recent recommendation"
        : "recent recommendations were higher than current one, applying the highest recent recommendation")
  }

  // MARK: Bounds and rates

  private static let within = (
    reason: "DesiredWithinRange", message: "the desired count is within the acceptable range"
  )
  private static let tooMany = (
    reason: "TooManyReplicas", message: "the desired replica count is more than the maximum replica count"
  )
  private static let tooFew = (
    reason: "TooFewReplicas", message: "the desired replica count is less than the minimum replica count"
  )
  private static let tooFastUp = (
    reason: "ScaleUpLimit", message: "the desired replica count is increasing faster than the maximum scale rate"
  )
  private static let tooFastDown = (
    reason: "ScaleDownLimit", message: "the desired replica count is decreasing faster than the maximum scale rate"
  )

  func bounded(_ wanted: Int) -> Outcome {
    var ceiling = (limit: most, words: Self.tooMany)
    var floor = (limit: least, words: Self.tooFew)
    if let behavior {
      if wanted > current {
        let limit = max(current, upLimit(behavior["scaleUp"] ?? .emptyObject))
        if most > limit { ceiling = (limit, Self.tooFastUp) }
      } else if wanted < current {
        let limit = min(current, downLimit(behavior["scaleDown"] ?? .emptyObject))
        if least < limit { floor = (limit, Self.tooFastDown) }
      } else {
        return Outcome(replicas: wanted, reason: Self.within.reason, message: Self.within.message)
      }
    } else {
      let limit = max(Self.doubled(current), 4)
      if most > limit { ceiling = (limit, Self.tooFastUp) }
    }
    if wanted < floor.limit, behavior == nil || wanted < current {
      return Outcome(replicas: floor.limit, reason: floor.words.reason, message: floor.words.message)
    }
    if wanted > ceiling.limit, behavior == nil || wanted > current {
      return Outcome(replicas: ceiling.limit, reason: ceiling.words.reason, message: ceiling.words.message)
    }
    return Outcome(replicas: wanted, reason: Self.within.reason, message: Self.within.message)
  }

  private static func doubled(_ count: Int) -> Int { count > Int(Int32.max) / 2 ? Int(Int32.max) : count * 2 }

  private func upLimit(_ rules: JSON) -> Int {
    let policies = rules["policies"]?.array ?? Self.defaultUp
    if rules.text("selectPolicy") == "Disabled" || policies.isEmpty { return current }
    let limits = policies.map { policy -> Int in
      let start = size(before: policy["periodSeconds"]?.int ?? 15)
      let value = policy["value"]?.int ?? 0
      if policy.text("type") == "Pods" { return Self.clamped(Double(start) + Double(value)) }
      return Self.clamped((Double(start) * (1 + Double(value) / 100)).rounded(.up))
    }
    return (rules.text("selectPolicy") == "Min" ? limits.min() : limits.max()) ?? current
  }

  /// The smallest change leaves the most pods.
  private func downLimit(_ rules: JSON) -> Int {
    let policies = rules["policies"]?.array ?? Self.defaultDown
    if rules.text("selectPolicy") == "Disabled" || policies.isEmpty { return current }
    let limits = policies.map { policy -> Int in
      let start = size(before: policy["periodSeconds"]?.int ?? 15)
      let value = policy["value"]?.int ?? 0
      if policy.text("type") == "Pods" { return Self.clamped(Double(start) - Double(value)) }
      return Self.clamped((Double(start) * (1 - Double(value) / 100)).rounded(.towardZero))
    }
    return (rules.text("selectPolicy") == "Min" ? limits.max() : limits.min()) ?? current
  }

  private static let defaultUp: [JSON] = [
    ["type": "Pods", "value": 4, "periodSeconds": 15], ["type": "Percent", "value": 100, "periodSeconds": 15],
  ]
  private static let defaultDown: [JSON] = [["type": "Percent", "value": 100, "periodSeconds": 15]]

  private static func clamped(_ value: Double) -> Int { Int(min(max(value, 0), Double(Int32.max))) }

  /// The size at the beginning of a period, by what has been added and removed since.
  private func size(before seconds: Int) -> Int {
    let start = now - .seconds(seconds)
    func sum(_ events: [ScalingHistory.Event]) -> Int {
      events.reduce(0) { $1.time > start ? $0 + $1.change : $0 }
    }
    return current - sum(history.additions) + sum(history.removals)
  }
}

/// How far the use may be from its target before anything is done about it.
struct ScalingTolerance {
  /// What the stock controller takes when nothing is said.
  private static let standard = 0.1

  private let up: Double
  private let down: Double

  init(_ behavior: JSON?) {
    up = Quantity(behavior?.at("scaleUp", "tolerance"))?.double ?? Self.standard
    down = Quantity(behavior?.at("scaleDown", "tolerance"))?.double ?? Self.standard
  }

  func covers(_ ratio: Double) -> Bool { 1 - down <= ratio && ratio <= 1 + up }
}
