import JSONCore
import Objects

/// Fills in and checks what containers, pods and claims may ask for, by the LimitRanges of their namespace.
enum LimitRanger {
  static func admit(_ object: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.isCreate(of: .pods) else { return }
    for item in items(context, "Container") {
      let limits = item["default"]
      let requests = item["defaultRequest"]
      if limits == nil && requests == nil { continue }
      for list in ["containers", "initContainers"] where object["spec"]?[list] != nil {
        let containers = (object["spec"]?.list(list) ?? []).map { container -> JSON in
          var result = container
          fill(&result, "limits", limits)
          fill(&result, "requests", requests)
          return result
        }
        object["spec", default: .emptyObject][list] = .array(containers)
      }
    }
  }

  static func validate(_ object: JSON, _ context: inout WriteContext) throws(Status) {
    var faults: [String] = []
    if context.isCreate(of: .pods) {
      let containers = (object["spec"]?.list("containers") ?? []) + (object["spec"]?.list("initContainers") ?? [])
      for item in items(context, "Container") {
        for container in containers { check(container["resources"], item, "Container", &faults) }
      }
      for item in items(context, "Pod") { check(sum(object), item, "Pod", &faults) }
    } else if context.resource == .claims, context.subresource == nil {
      for item in items(context, "PersistentVolumeClaim") {
        check(object.at("spec", "resources"), item, "PersistentVolumeClaim", &faults)
      }
    }
    if faults.isEmpty { return }
    throw context.forbidden(faults.count == 1 ? faults[0] : "[\(faults.joined(separator: ", "))]")
  }

  private static func items(_ context: WriteContext, _ type: String) -> [JSON] {
    context.snapshot.objects(.limitRanges, namespace: context.namespace).flatMap { range in
      (range.json["spec"]?.list("limits") ?? []).filter { $0.text("type") == type }
    }
  }

  private static func fill(_ container: inout JSON, _ list: String, _ defaults: JSON?) {
    for (name, value) in defaults?.object ?? Members() where container.at("resources", list, name) == nil {
      container["resources", default: .emptyObject][list, default: .emptyObject][name] = value
    }
  }

  /// What a pod asks for in all: its containers together, but no less than any one that runs before them.
  private static func sum(_ pod: JSON) -> JSON {
    let usage = PodResources(pod)
    return ["requests": usage.requests.json, "limits": usage.limits.json]
  }

  private static func check(_ resources: JSON?, _ item: JSON, _ type: String, _ faults: inout [String]) {
    func amount(_ list: String, _ name: String) -> Quantity? { Quantity(resources?[list]?[name]) }
    for (name, value) in item["min"]?.object ?? Members() {
      guard let minimum = Quantity(value) else { continue }
      let bound = "minimum \(name) usage per \(type) is \(value.string ?? minimum.description)"
      // Of one bound the first fault is told.
      guard let request = amount("requests", name) else {
        faults.append("\(bound).  No request is specified")
        continue
      }
      if request < minimum {
        faults.append("\(bound), but request is \(request.description)")
      } else if let limit = amount("limits", name), limit < minimum {
        faults.append("\(bound), but limit is \(limit.description)")
      }
    }
    for (name, value) in item["max"]?.object ?? Members() {
      guard let maximum = Quantity(value) else { continue }
      let bound = "maximum \(name) usage per \(type) is \(value.string ?? maximum.description)"
      // Claims have no limits, only requests.
      let isClaim = type == "PersistentVolumeClaim"
      let (limit, request) = (isClaim ? nil : amount("limits", name), amount("requests", name))
      if isClaim ? request == nil : limit == nil {
        faults.append("\(bound).  No \(isClaim ? "request" : "limit") is specified")
      } else if let limit, limit > maximum {
        faults.append("\(bound), but limit is \(limit.description)")
      } else if let request, request > maximum {
        faults.append("\(bound), but request is \(request.description)")
      }
    }
    for (name, value) in item["maxLimitRequestRatio"]?.object ?? Members() {
      checkRatio(name, value, type, amount("requests", name), amount("limits", name), &faults)
    }
  }

  private static func checkRatio(
    _ name: String, _ value: JSON, _ type: String, _ request: Quantity?, _ limit: Quantity?, _ faults: inout [String]
  ) {
    guard let maximum = Quantity(value) else { return }
    let bound = "\(name) max limit to request ratio per \(type) is \(value.string ?? maximum.description)"
    guard let request, !request.isZero else {
      return faults.append("\(bound), but no request is specified or request is 0")
    }
    guard let limit, !limit.isZero else {
      return faults.append("\(bound), but no limit is specified or limit is 0")
    }
    let ratio = limit.double / request.double
    if ratio > maximum.double { faults.append("\(bound), but provided ratio is \(sixDigits(ratio))") }
  }

  /// As Go's `%f`, up to a billion; quantities reach far beyond that.
  private static func sixDigits(_ value: Double) -> String {
    let scaled = Int64((min(value, 1e9) * 1_000_000).rounded())
    let fraction = String(scaled % 1_000_000)
    return "\(scaled / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
  }
}
