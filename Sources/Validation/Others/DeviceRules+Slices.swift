import Expressions
import JSONCore
import Objects

/// Rules of `resourceslices`: what devices there are, and which nodes can use them.
extension DeviceRules {
  static let slice = Rule(
    object: { object, findings in
      let (spec, path) = (object["spec"] ?? .emptyObject, Path("spec"))
      driver(spec.text("driver"), path.child("driver"), &findings)
      pool(spec["pool"] ?? .emptyObject, path.child("pool"), &findings)
      nodes(spec, path, &findings)
      var names = Set<String>()
      for (path, device) in limited(spec, "devices", path, limit: maximumDevices, &findings) {
        DeviceRules.device(device, path, &findings)
        let name = device.text("name")
        if !names.insert(name).inserted { findings.duplicate(path.child("name"), .string(name)) }
      }
    },
    update: { new, old, findings in
      for field in ["driver", "nodeName"] {
        findings.immutable(Path("spec").child(field), new: new.at("spec", field), old: old.at("spec", field))
      }
      findings.immutable("spec.pool.name", new: new.at("spec", "pool", "name"), old: old.at("spec", "pool", "name"))
    })

  private static let maximumDevices = 128
  private static let maximumProperties = 32
  private static let longestPoolName = 253
  private static let longestText = 64

  private static func pool(_ pool: JSON, _ path: Path, _ findings: inout Findings) {
    let (name, place) = (pool.text("name"), path.child("name"))
    if name.isEmpty { findings.required(place) }
    if name.utf8.count > longestPoolName { findings.add(.tooLong(place, limit: longestPoolName)) }
    if !name.isEmpty {
      for part in name.split(separator: "/", omittingEmptySubsequences: false) {
        findings.invalid(place, String(part), messages: Names.subdomain(String(part)))
      }
    }
    if (pool["resourceSliceCount"]?.int ?? 0) <= 0 {
      findings.invalid(path.child("resourceSliceCount"), pool["resourceSliceCount"] ?? 0, "must be greater than zero")
    }
    if (pool["generation"]?.int ?? 0) < 0 {
      findings.invalid(path.child("generation"), pool["generation"], "must be greater than or equal to zero")
    }
  }

  private static func nodes(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    var given: [String] = []
    if let name = spec["nodeName"]?.string {
      given.append("`nodeName`")
      self.name(name, path.child("nodeName"), Names.subdomain, &findings)
    }
    if let selector = spec["nodeSelector"] {
      given.append("`nodeSelector`")
      let place = path.child("nodeSelector")
      findings.nodeSelector(selector, place)
      if selector.list("nodeSelectorTerms").count > 1 {
        findings.invalid(
          place.child("nodeSelectorTerms"), selector["nodeSelectorTerms"], "must have exactly one node selector term")
      }
    }
    for field in ["allNodes", "perDeviceNodeSelection"] {
      guard let value = spec[field]?.bool else { continue }
      if value {
        given.append("`\(field)`")
      } else {
        findings.invalid(path.child(field), false, "must be either unset or set to true")
      }
    }
    let words = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"
    if given.isEmpty {
      findings.required(path, words)
    } else if given.count > 1 {
      findings.invalid(
        path, .string("{\(given.joined(separator: ", "))}"), words + ", but multiple fields are set")
    }
  }

  private static func device(_ device: JSON, _ path: Path, _ findings: inout Findings) {
    name(device.text("name"), path.child("name"), Names.label, &findings)
    let attributes = device["attributes"]?.object ?? Members()
    let capacity = device["capacity"]?.object ?? Members()
    if attributes.count + capacity.count > maximumProperties {
      findings.invalid(
        path, JSON(attributes.count + capacity.count),
        "the total number of attributes and capacities must not exceed \(maximumProperties)")
    }
    for (name, value) in attributes {
      let place = path.child("attributes").key(name)
      propertyName(name, place, &findings)
      attribute(value, place, &findings)
    }
    for (name, _) in capacity { propertyName(name, path.child("capacity").key(name), &findings) }
  }

  /// With a domain or without one, which is then the driver's.
  private static func propertyName(_ name: String, _ path: Path, _ findings: inout Findings) {
    if name.isEmpty {
      findings.required(path, "name required")
    } else if name.contains("/") {
      attributeName(name, path, &findings)
    } else {
      identifier(name, path, &findings)
    }
  }

  private static func attribute(_ value: JSON, _ path: Path, _ findings: inout Findings) {
    let given = ["bool", "int", "string", "version"].filter { value[$0] != nil }
    if given.isEmpty { return findings.required(path, "exactly one value must be specified") }
    if given.count > 1 { return findings.invalid(path, value, "exactly one value must be specified") }
    if let text = value["string"]?.string, text.utf8.count > longestText {
      findings.add(.tooLong(path.child("string"), limit: longestText))
    }
    guard let version = value["version"]?.string else { return }
    if version.utf8.count > longestText { findings.add(.tooLong(path.child("version"), limit: longestText)) }
    if SemanticVersion(version) == nil {
      findings.invalid(
        path.child("version"), .string(version), "must be a string compatible with semver.org spec 2.0.0")
    }
  }
}
