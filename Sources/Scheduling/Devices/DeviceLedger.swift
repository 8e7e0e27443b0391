import JSONCore
import Objects
import Reconciling

/// What is still to be had of the devices of a cluster: whole ones, parts of those that may be shared, and the counters
/// that overlapping partitions of a card draw from.
struct DeviceLedger: Sendable {
  /// A counter of a pool.
  struct Counter: Hashable, Sendable {
    let driver: String
    let pool: String
    let set: String
    let name: String
  }

  private var taken: Set<Device.Identity> = []
  /// What has been given out of the capacities of shared devices, by their full names.
  private var consumed: [Device.Identity: [String: Quantity]] = [:]
  private var left: [Counter: Quantity] = [:]

  init() {}

  /// - Parameter slices: the specs of the latest generation of each pool.
  init(_ slices: [JSON]) {
    for slice in slices {
      for set in slice.list("sharedCounters") {
        for (name, value) in set["counters"]?.object ?? Members() {
          let counter = Counter(
            driver: slice.text("driver"), pool: slice["pool"]?.text("name") ?? "", set: set.text("name"), name: name)
          left[counter] = Quantity(value["value"]) ?? .zero
        }
      }
    }
  }

  /// What a device would give for a request; nil when that is not to be had any more.
  func offer(_ device: Device, for request: DeviceRequest) -> [String: Quantity]? {
    if request.hasAdminAccess { return [:] }
    guard device.isShareable else {
      return taken.contains(device.id) || !hasCounters(for: device) ? nil : [:]
    }
    let used = consumed[device.id]
    // The first share draws on the counters for all of them.
    if used == nil, !hasCounters(for: device) { return nil }
    var amounts: [String: Quantity] = [:]
    for share in device.shares {
      let asked = request.capacity.first { device.fullName($0.key) == share.name }?.value
      guard let amount = share.amount(asked: asked),
        (used?[share.name] ?? .zero) + amount <= share.total
      else { return nil }
      amounts[share.name] = amount
    }
    return amounts
  }

  private func hasCounters(for device: Device) -> Bool {
    device.consumption.allSatisfy { counter, amount in left[counter].map { $0 >= amount } ?? false }
  }

  /// - Returns: whether nobody had any of it before.
  @discardableResult
  mutating func take(_ device: Device, _ amounts: [String: Quantity]) -> Bool {
    let isFirst = device.isShareable ? consumed[device.id] == nil : taken.insert(device.id).inserted
    if device.isShareable {
      for (name, amount) in amounts { consumed[device.id, default: [:]][name, default: .zero] += amount }
      if amounts.isEmpty { consumed[device.id] = consumed[device.id] ?? [:] }
    }
    if isFirst { for (counter, amount) in device.consumption { left[counter]? -= amount } }
    return isFirst
  }

  /// Undoes the last `take` of a device.
  mutating func giveBack(_ device: Device, _ amounts: [String: Quantity], wasFirst: Bool) {
    if device.isShareable {
      for (name, amount) in amounts { consumed[device.id]?[name, default: .zero] -= amount }
      if wasFirst { consumed[device.id] = nil }
    } else {
      taken.remove(device.id)
    }
    if wasFirst { for (counter, amount) in device.consumption { left[counter]? += amount } }
  }

  /// Takes what an allocation of a claim says.
  mutating func take(_ result: JSON, _ devices: [Device.Identity: Device]) {
    if result["adminAccess"]?.bool == true { return }
    let id = Device.Identity(driver: result.text("driver"), pool: result.text("pool"), name: result.text("device"))
    guard let device = devices[id] else {
      taken.insert(id)
      return
    }
    var amounts: [String: Quantity] = [:]
    for (name, value) in result["consumedCapacity"]?.object ?? Members() {
      amounts[device.fullName(name)] = Quantity(value) ?? .zero
    }
    take(device, amounts)
  }
}

/// A capacity of a device that several claims may share.
struct DeviceShare: Sendable {
  /// `domain/name`
  let name: String
  let total: Quantity
  private let policy: JSON?

  init(_ json: JSON, name: String) {
    self.name = name
    total = Quantity(json["value"]) ?? .zero
    policy = json["requestPolicy"]
  }

  /// What a request takes, rounded up as the device wants it; nil when it may not have that much.
  func amount(asked: Quantity?) -> Quantity? {
    guard let policy else { return asked ?? total }
    let wanted = asked ?? Quantity(policy["default"]) ?? total
    let valid = policy.list("validValues").compactMap { Quantity($0) }.sorted()
    if !valid.isEmpty { return valid.first { $0 >= wanted } }
    guard let range = policy["validRange"] else { return wanted }
    let least = Quantity(range["min"]) ?? .zero
    var amount = max(wanted, least)
    if let step = Quantity(range["step"]), step > .zero {
      let steps = ((amount - least).double / step.double).rounded(.up)
      guard steps < 1e15 else { return nil }
      amount = least + Quantity(nanos: step.nanos.multipliedReportingOverflow(by: Int128(steps)).partialValue)
    }
    if let most = Quantity(range["max"]), amount > most { return nil }
    return amount
  }
}
