import JSONCore
import Objects

/// From where the traffic to an endpoint should come (`spec.trafficDistribution` of its Service).
enum TrafficHints {
  private static let mode = "service.kubernetes.io/topology-mode"
  private static let modeBefore = "service.kubernetes.io/topology-aware-hints"

  /// Whether the older annotation takes the decision away from the field.
  static func isAutomatic(_ service: JSON) -> Bool {
    let text = service.annotation(modeBefore) ?? service.annotation(mode) ?? ""
    return text == "Auto" || text == "auto"
  }

  /// As `isAutomatic`, without decoding the whole.
  static func mayBeAutomatic(_ service: Object) -> Bool {
    guard let annotations = service.metadata?.member("annotations")?.decoded() else {
      return false
    }
    return annotations[mode] != nil || annotations[modeBefore] != nil
  }

  /// The hints of an endpoint; nil where traffic may come from anywhere.
  static func hints(_ endpoint: JSON, of service: JSON) -> JSON? {
    let preference = service["spec"]?.text("trafficDistribution") ?? ""
    guard !preference.isEmpty, !isAutomatic(service), endpoint.at("conditions", "ready")?.bool == true else {
      return nil
    }
    var hints = JSON.emptyObject
    if let zone = endpoint["zone"] { hints["forZones"] = [["name": zone]] }
    if preference == "PreferSameNode", let node = endpoint["nodeName"] { hints["forNodes"] = [["name": node]] }
    return hints == .emptyObject ? nil : hints
  }
}
