import JSONCore
import Objects

/// The class of a pod, by which nodes choose whom to evict first.
public enum QualityOfService: String, Sendable {
  case guaranteed = "Guaranteed"
  case burstable = "Burstable"
  case bestEffort = "BestEffort"

  /// Guaranteed: every container limits CPU and memory, and requests just that. BestEffort: none asks for any.
  public init(_ pod: JSON) {
    let spec = pod["spec"] ?? .emptyObject
    let whole = spec["resources"].map { [$0] }.flatMap { Self.hasAny($0) ? $0 : nil }
    let resources =
      whole ?? (spec.list("containers") + spec.list("initContainers")).map { $0["resources"] ?? .emptyObject }
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
