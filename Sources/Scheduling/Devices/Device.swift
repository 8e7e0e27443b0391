import Expressions
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
  /// By domain and name.
  let attributes: [String: [String: Value]]
  let capacity: [String: [String: Quantity]]
  let taints: [Taint]
  let reach: Reach
  /// Several claims may have a part of it each.
  let isShareable: Bool
  /// Its capacities, as far as they are shared.
  let shares: [DeviceShare]
  /// What it draws from the counters of its pool as long as anybody has it.
  let consumption: [(counter: DeviceLedger.Counter, amount: Quantity)]
  /// What its driver has to report before a pod may begin to use it, and what means that it never will.
  let bindingConditions: [JSON]
  let bindingFailureConditions: [JSON]
  /// Once given out it is for the chosen node alone.
  let bindsToNode: Bool

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
    capacity = Self.byDomain(json["capacity"], driver) { Quantity($0["value"]) }
    taints = json.list("taints").map(Taint.init)
    isShareable = json["allowMultipleAllocations"]?.bool == true
    shares =
      isShareable
      ? (json["capacity"]?.object ?? Members()).map { DeviceShare($0.value, name: Self.fullName($0.key, driver)) } : []
    consumption = json.list("consumesCounters").flatMap { set in
      (set["counters"]?.object ?? Members()).map { name, value in
        let counter = DeviceLedger.Counter(driver: driver, pool: pool, set: set.text("counterSet"), name: name)
        return (counter, Quantity(value["value"]) ?? .zero)
      }
    }
    bindingConditions = json.list("bindingConditions")
    bindingFailureConditions = json.list("bindingFailureConditions")
    bindsToNode = json["bindsToNode"]?.bool == true
  }

  /// `domain/name`: a name without a domain is in that of the driver.
  func fullName(_ name: String) -> String { Self.fullName(name, id.driver) }

  private static func fullName(_ name: String, _ driver: String) -> String {
    name.contains("/") ? name : "\(driver)/\(name)"
  }

  private static func byDomain<Found>(
    _ json: JSON?, _ driver: String, _ value: (JSON) -> Found?
  ) -> [String: [String: Found]] {
    var result: [String: [String: Found]] = [:]
    for (key, json) in json?.object ?? Members() {
      let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
      // A name without a domain is in that of the driver.
      result[parts.count > 1 ? parts[0] : driver, default: [:]][parts.last ?? key] = value(json)
    }
    return result
  }

  /// The one value or the list of values that an attribute has.
  private static func attribute(_ json: JSON) -> Value? {
    guard let (type, value) = json.object?.first.map({ ($0.key, $0.value) }) else { return nil }
    switch type {
    case "version": return value.string.flatMap(SemanticVersion.init).map(Value.version)
    case "versions":
      return .list(value.array?.compactMap { $0.string.flatMap(SemanticVersion.init).map(Value.version) } ?? [])
    case "string", "int", "bool", "strings", "ints", "bools": return Value(value)
    default: return nil
    }
  }

  /// What selectors see of it. A domain that the device says nothing of is there, and empty.
  var value: Value {
    .map([
      (.string("driver"), .string(id.driver)),
      (.string("attributes"), .domains(attributes)),
      (.string("capacity"), .domains(capacity.mapValues { $0.mapValues(Value.quantity) })),
      (.string("allowMultipleAllocations"), .bool(isShareable)),
    ])
  }

  /// By its full name, `domain/name`.
  func attribute(_ name: String) -> Value? {
    let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
    return parts.count > 1 ? attributes[parts[0]]?[parts[1]] : attributes[id.driver]?[name]
  }

  /// The specs of the slices of the latest generation of each pool.
  static func latestSlices(_ snapshot: Snapshot) -> [JSON] {
    let slices = snapshot.objects(.resourceSlices).map { $0.json["spec"] ?? .emptyObject }
    func pool(_ slice: JSON) -> String { "\(slice.text("driver"))/\(slice["pool"]?.text("name") ?? "")" }
    func generation(_ slice: JSON) -> Int { slice.at("pool", "generation")?.int ?? 0 }
    var latest: [String: Int] = [:]
    for slice in slices { latest[pool(slice)] = max(latest[pool(slice)] ?? 0, generation(slice)) }
    return slices.filter { generation($0) >= latest[pool($0)] ?? 0 }
  }

  static func all(_ slices: [JSON]) -> [Device] {
    slices.flatMap { slice in
      slice.list("devices").compactMap {
        Device($0, driver: slice.text("driver"), pool: slice["pool"]?.text("name") ?? "", slice: slice)
      }
    }
  }
}
