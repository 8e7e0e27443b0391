import JSONCore
import Objects
import Schemas

/// Turns an object of one version into another version of the same kind.
enum Conversion {
  static func convert(_ json: JSON, to kind: Kind) -> JSON {
    if json.text("apiVersion") == kind.apiVersion { return json }
    var result = json
    switch kind.resource {
    case .eventsOfEvents: result = renamed(json, eventNames.map { ($0, $1) })
    case .events: result = renamed(json, eventNames.map { ($1, $0) })
    case .autoscalers: result = kind.version == "v1" ? autoscalerV1(json) : autoscalerV2(json)
    default: break
    }
    result["apiVersion"] = .string(kind.apiVersion)
    return result
  }

  /// The fields that core/v1 and events.k8s.io/v1 name differently.
  private static let eventNames: [(core: String, events: String)] = [
    ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
  ]

  private static func renamed(_ json: JSON, _ names: [(String, String)]) -> JSON {
    guard var members = json.object else { return json }
    for (old, new) in names {
      if let value = members.removeValue(forKey: old) { members[new] = value }
    }
    return .object(members)
  }
}
