import JSONCore

/// A taint that a pod accepts.
public struct Toleration: Sendable, Hashable {
  public let key: String
  /// `Exists`, `Equal`, `Lt` or `Gt`; "" means `Equal`.
  public let condition: String
  public let value: String
  public let effect: String

  public init(_ json: JSON) {
    key = json.text("key")
    condition = json.text("operator")
    value = json.text("value")
    effect = json.text("effect")
  }

  public func tolerates(_ taint: Taint) -> Bool {
    if !effect.isEmpty && effect != taint.effect { return false }
    if !key.isEmpty && key != taint.key { return false }
    switch condition {
    case "Exists": return true
    case "", "Equal": return !key.isEmpty && value == taint.value
    case "Lt", "Gt":
      guard !key.isEmpty, let have = Int64(taint.value), let bound = Int64(value) else { return false }
      return condition == "Lt" ? have < bound : have > bound
    default: return false
    }
  }
}

/// What keeps pods off a node unless they tolerate it.
public struct Taint: Sendable, Hashable {
  public let key: String
  public let value: String
  public let effect: String

  public init(_ json: JSON) {
    key = json.text("key")
    value = json.text("value")
    effect = json.text("effect")
  }

  public init(key: String, value: String = "", effect: String) {
    self.key = key
    self.value = value
    self.effect = effect
  }

  /// Keeps pods away, rather than only making the node less welcome.
  var isHard: Bool { effect != "PreferNoSchedule" }
}
