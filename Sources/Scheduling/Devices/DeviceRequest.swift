import JSONCore
import Objects
import Reconciling

/// A claim of devices that a pod refers to.
struct DeviceClaimName: Sendable, Hashable {
  /// As the pod calls it.
  let name: String
  /// The claim; nil while it has not been made from its template.
  let claim: String?

  static func all(_ spec: JSON, _ status: JSON?) -> [DeviceClaimName] {
    spec.list("resourceClaims").compactMap { reference in
      let name = reference.text("name")
      if let claim = reference["resourceClaimName"]?.string { return DeviceClaimName(name: name, claim: claim) }
      let made = status?.list("resourceClaimStatuses").first { $0.text("name") == name }
      // Made without a claim: none is needed.
      if let made, made.text("resourceClaimName").isEmpty { return nil }
      return DeviceClaimName(name: name, claim: made?.text("resourceClaimName"))
    }
  }
}

/// One way to meet a wish for devices: what the claim says, and what the class adds.
struct DeviceRequest: Sendable {
  /// `gpu`, or `gpu/large` for an alternative.
  let name: String
  /// The name that constraints speak of.
  let mainName: String
  let tests: [DeviceSelector]
  let tolerations: [Toleration]
  let tolerationsJSON: [JSON]
  let capacity: [String: Quantity]
  let count: Int
  /// All that match, rather than `count`.
  let takesAll: Bool
  let hasAdminAccess: Bool
  /// Settings of the class, for the driver.
  let classConfig: [JSON]

  /// - Throws: what is wrong with the request, whatever the node.
  init(_ json: JSON, name: String, mainName: String, _ snapshot: Snapshot) throws(DeviceProblem) {
    self.name = name
    self.mainName = mainName
    let className = json.text("deviceClassName")
    guard let deviceClass = snapshot[Key(.deviceClasses, name: className)]?.json["spec"] else {
      throw DeviceProblem("request \(name): device class \(className) does not exist")
    }
    var tests: [DeviceSelector] = []
    for selector in deviceClass.list("selectors") + json.list("selectors") {
      let text = selector["cel"]?.text("expression") ?? ""
      do throws(DeviceProblem) {
        tests.append(try DeviceSelector(text))
      } catch {
        throw DeviceProblem("request \(name): selector: \(error)")
      }
    }
    self.tests = tests
    tolerationsJSON = json.list("tolerations")
    tolerations = tolerationsJSON.map(Toleration.init)
    var capacity: [String: Quantity] = [:]
    for (key, value) in json.at("capacity", "requests")?.object ?? Members() { capacity[key] = Quantity(value) }
    self.capacity = capacity
    takesAll = json.text("allocationMode") == "All"
    count = min(max(json["count"]?.int ?? 1, 1), 32)
    hasAdminAccess = json["adminAccess"]?.bool == true
    classConfig = deviceClass.list("config")
  }

  /// The ways to meet a wish, the best first.
  static func alternatives(_ json: JSON, _ snapshot: Snapshot) throws(DeviceProblem) -> [DeviceRequest] {
    let name = json.text("name")
    if let exactly = json["exactly"] {
      return [try DeviceRequest(exactly, name: name, mainName: name, snapshot)]
    }
    var result: [DeviceRequest] = []
    for item in json.list("firstAvailable") {
      result.append(try DeviceRequest(item, name: "\(name)/\(item.text("name"))", mainName: name, snapshot))
    }
    return result
  }

  func accepts(_ device: Device) -> Bool {
    for taint in device.taints
    where ["NoSchedule", "NoExecute"].contains(taint.effect) && !tolerations.contains(where: { $0.tolerates(taint) }) {
      return false
    }
    for (name, wanted) in capacity {
      let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
      let present = parts.count > 1 ? device.capacity[parts[0]]?[parts[1]] : device.capacity[device.id.driver]?[name]
      guard let present, present >= wanted else { return false }
    }
    return tests.allSatisfy { $0.matches(device) }
  }
}

/// What ties the devices of a claim together.
struct DeviceConstraint: Sendable {
  private let requests: Set<String>
  private let attribute: String
  /// The same value everywhere, rather than a different one for each.
  private let isMatch: Bool

  init(_ json: JSON) {
    requests = Set(json.list("requests").compactMap(\.string))
    isMatch = json["matchAttribute"] != nil
    attribute = json["matchAttribute"]?.string ?? json.text("distinctAttribute")
  }

  private func concerns(_ request: DeviceRequest) -> Bool {
    requests.isEmpty || requests.contains(request.name) || requests.contains(request.mainName)
  }

  func admits(_ device: Device, for request: DeviceRequest, beside chosen: [DeviceAllocation.Result]) -> Bool {
    if !concerns(request) { return true }
    guard let value = device.attribute(attribute) else { return false }
    return chosen.allSatisfy { other in
      !concerns(other.request) || (other.device.attribute(attribute)?.equals(value) ?? false) == isMatch
    }
  }
}
