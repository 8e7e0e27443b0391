import JSONCore
import Objects
import Reconciling

/// A device that a driver offers in a slice.
struct Device: Sendable {
  struct Identity: Hashable, Sendable {
    let driver: String
    let pool: String
    let name: String
  }

  let id: Identity
  let attributes: [String: [String: DeviceValue]]
  let capacity: [String: [String: DeviceValue]]
  let taints: [Taint]
  let reach: Reach
  /// It can be shared, or is cut out of others: what is not counted here is not given out.
  let isUnsupported: Bool

  /// The nodes from which a device can be used.
  enum Reach: Sendable {
    case node(String)
    case terms([NodeTerm], JSON)
    case everywhere

    func includes(_ labels: Labels, _ name: String) -> Bool {
      switch self {
      case .node(let node): node == name
      case .terms(let terms, _): terms.contains { $0.matches(labels, name: name) }
      case .everywhere: true
      }
    }

    init?(_ json: JSON) {
      if !json.text("nodeName").isEmpty {
        self = .node(json.text("nodeName"))
      } else if let selector = json["nodeSelector"] {
        self = .terms(selector.list("nodeSelectorTerms").map(NodeTerm.init), selector)
      } else if json["allNodes"]?.bool == true {
        self = .everywhere
      } else {
        return nil
      }
    }
  }

  init?(_ json: JSON, driver: String, pool: String, slice: JSON) {
    guard let reach = slice["perDeviceNodeSelection"]?.bool == true ? Reach(json) : Reach(slice) else { return nil }
    self.reach = reach
    id = Identity(driver: driver, pool: pool, name: json.text("name"))
    attributes = Self.byDomain(json["attributes"], driver, Self.attribute)
    capacity = Self.byDomain(json["capacity"], driver) { Quantity($0["value"]).map(DeviceValue.quantity) }
    taints = json.list("taints").map(Taint.init)
    isUnsupported = !json.list("consumesCounters").isEmpty
  }

  private static func byDomain(
    _ json: JSON?, _ driver: String, _ value: (JSON) -> DeviceValue?
  ) -> [String: [String: DeviceValue]] {
    var result: [String: [String: DeviceValue]] = [:]
    for (key, json) in json?.object ?? Members() {
      let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
      // A name without a domain is in that of the driver.
      result[parts.count > 1 ? parts[0] : driver, default: [:]][parts.last ?? key] = value(json)
    }
    return result
  }

  private static func attribute(_ json: JSON) -> DeviceValue? {
    if let text = json["string"]?.string { return .string(text) }
    if let value = json["int"]?.int { return .int(Int64(value)) }
    if let value = json["bool"]?.bool { return .bool(value) }
    if let text = json["version"]?.string { return SemanticVersion(text).map(DeviceValue.version) }
    if let list = json["strings"]?.array { return .list(list.compactMap { $0.string.map(DeviceValue.string) }) }
    if let list = json["ints"]?.array { return .list(list.compactMap { $0.int.map { .int(Int64($0)) } }) }
    return nil
  }

  func value(_ name: String) throws(ExpressionError) -> DeviceValue {
    switch name {
    case "driver": return .string(id.driver)
    case "attributes": return .domains(attributes)
    case "capacity": return .domains(capacity)
    case "allowMultipleAllocations": return .bool(false)
    default: throw ExpressionError("device.\(name) is not supported")
    }
  }

  /// By its full name, `domain/name`.
  func attribute(_ name: String) -> DeviceValue? {
    let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
    return parts.count > 1 ? attributes[parts[0]]?[parts[1]] : attributes[id.driver]?[name]
  }

  /// All devices of the latest generation of each pool.
  static func all(_ snapshot: Snapshot) -> [Device] {
    let slices = snapshot.objects(.resourceSlices).map { $0.json["spec"] ?? .emptyObject }
    var latest: [String: Int] = [:]
    for slice in slices {
      let pool = "\(slice.text("driver"))/\(slice["pool"]?.text("name") ?? "")"
      latest[pool] = max(latest[pool] ?? 0, slice.at("pool", "generation")?.int ?? 0)
    }
    return slices.flatMap { slice -> [Device] in
      let driver = slice.text("driver")
      let pool = slice["pool"]?.text("name") ?? ""
      if slice.at("pool", "generation")?.int ?? 0 < latest["\(driver)/\(pool)"] ?? 0 { return [] }
      return slice.list("devices").compactMap { Device($0, driver: driver, pool: pool, slice: slice) }
    }
  }
}
