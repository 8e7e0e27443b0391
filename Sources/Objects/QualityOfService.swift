import JSONCore

/// The class of a pod, by which nodes choose whom to evict first.
public enum QualityOfService: String, Sendable {
  case guaranteed = "Guaranteed"
  case burstable = "Burstable"
  case bestEffort = "BestEffort"

  public init(_ pod: JSON) {
    let spec = pod["spec"] ?? .emptyObject
    let whole = spec["resources"].map { [$0] }.flatMap { Self.hasAny($0) ? $0 : nil }
    self.init(
      resources: whole
        ?? (spec.list("containers") + spec.list("initContainers")).map { $0["resources"] ?? .emptyObject })
  }

  /// Guaranteed: every container limits CPU and memory, and requests just that. BestEffort: none asks for any.
  /// - Parameter resources: of each container, or those of the pod as a whole.
  public init(resources: [JSON]) {
    guard Self.hasAny(resources) else {
      self = .bestEffort
      return
    }
    let isGuaranteed = resources.allSatisfy { resource in
      ["cpu", "memory"].allSatisfy { name in
        guard let limit = Quantity(resource.at("limits", name)), !limit.isZero else { return false }
        return Quantity(resource.at("requests", name)) ?? limit == limit
      }
    }
    self = isGuaranteed ? .guaranteed : .burstable
  }

  private static func hasAny(_ resources: [JSON]) -> Bool {
    resources.contains { resource in
      ["requests", "limits"].contains { list in
        ["cpu", "memory"].contains { Quantity(resource.at(list, $0)).map { !$0.isZero } ?? false }
      }
    }
  }
}
