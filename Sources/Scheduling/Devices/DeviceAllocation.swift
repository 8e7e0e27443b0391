import JSONCore
import Objects
import Values

/// The devices that a claim was given.
struct DeviceAllocation: Sendable {
  struct Result: Sendable {
    let request: DeviceRequest
    let device: Device
    /// What is taken of a shared device, by the full names of its capacities.
    let consumed: [String: Quantity]
  }

  let results: [Result]
  /// The claim's own settings for its drivers.
  let config: [JSON]
  /// The UID of the claim.
  let claim: String
  /// The node that it was chosen for.
  let node: String

  var taken: [Device.Identity] { results.filter { !$0.request.hasAdminAccess }.map(\.device.id) }

  /// As `status.allocation`.
  func json(at now: Instant) -> JSON {
    let list = results.enumerated().map { Self.json($0.element, share: shareID($0.offset)) }
    var devices: JSON = ["results": .array(list)]
    let settings = config.map { entry -> JSON in
      var entry = entry
      entry["source"] = "FromClaim"
      return entry
    }
    let classSettings = results.flatMap { result in
      result.request.classConfig.map { entry -> JSON in
        var entry = entry
        entry["source"] = "FromClass"
        entry["requests"] = [.string(result.request.name)]
        return entry
      }
    }
    if !settings.isEmpty || !classSettings.isEmpty { devices["config"] = .array(classSettings + settings) }
    var json: JSON = ["devices": devices]
    json["nodeSelector"] = nodeSelector
    if results.contains(where: { !$0.device.bindingConditions.isEmpty }) {
      json["allocationTimestamp"] = .string(now.rfc3339)
    }
    return json
  }

  private static func json(_ result: Result, share: String) -> JSON {
    let device = result.device
    var json: JSON = [
      "request": .string(result.request.name), "driver": .string(device.id.driver), "pool": .string(device.id.pool),
      "device": .string(device.id.name),
    ]
    if result.request.hasAdminAccess { json["adminAccess"] = true }
    if !result.request.tolerationsJSON.isEmpty { json["tolerations"] = .array(result.request.tolerationsJSON) }
    if !device.bindingConditions.isEmpty { json["bindingConditions"] = .array(device.bindingConditions) }
    if !device.bindingFailureConditions.isEmpty {
      json["bindingFailureConditions"] = .array(device.bindingFailureConditions)
    }
    if device.isShareable, !result.request.hasAdminAccess {
      json["shareID"] = .string(share)
      let amounts = result.consumed.sorted { $0.key < $1.key }
      if !amounts.isEmpty {
        json["consumedCapacity"] = .object(Members(amounts.map { ($0.key, .string($0.value.description)) }))
      }
    }
    return json
  }

  /// Tells the shares of a device apart: the same for the same result, so that runs can be repeated.
  private func shareID(_ number: Int) -> String {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(claim)/\(number)".utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let other = (state ^ state >> 31) &* 0x9e37_79b9_7f4a_7c15
    func hex(_ value: UInt64, _ digits: Int) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
    }
    return [
      hex(state >> 32, 8), hex(state >> 16 & 0xffff, 4), "4" + hex(state & 0xfff, 3), "8" + hex(other >> 48 & 0xfff, 3),
      hex(other & 0xffff_ffff_ffff, 12),
    ].joined(separator: "-")
  }

  /// The nodes from which all the devices can be used; nil for every node.
  private var nodeSelector: JSON? {
    var selector: JSON?
    if results.contains(where: \.device.bindsToNode) { return Self.only(node) }
    for result in results {
      switch result.device.reach {
      case .node(let name): return Self.only(name)
      case .terms(_, let json): selector = selector ?? json
      case .everywhere: break
      }
    }
    return selector
  }

  private static func only(_ node: String) -> JSON {
    ["nodeSelectorTerms": [["matchFields": [["key": "metadata.name", "operator": "In", "values": [.string(node)]]]]]]
  }
}
