import JSONCore
import Objects

/// Rules of storage drivers, and of what nodes know of them.
enum DriverRules {
  /// Seconds
  private static let shortestToken = 600

  /// The stock server misspells one field.
  private static func shown(_ field: String) -> String { field == "attachRequired" ? "attachedRequired" : field }

  static let driver = Rule(
    object: { object, findings in
      findings.driverName(object.at("metadata", "name")?.string ?? "", "metadata.name")
      let spec = object["spec"] ?? .emptyObject
      let path = Path("spec")
      for field in ["attachRequired", "podInfoOnMount", "storageCapacity"] where spec[field] == nil {
        findings.required(path.child(shown(field)))
      }
      if let policy = spec["fsGroupPolicy"]?.string {
        findings.supported(path.child("fsGroupPolicy"), policy, ["File", "None", "ReadWriteOnceWithFSType"])
      }
      for mode in spec.list("volumeLifecycleModes") {
        findings.supported(path.child("volumeLifecycleModes"), mode.string ?? "", ["Ephemeral", "Persistent"])
      }
      var audiences = Set<String>()
      for (path, request) in findings.elements(spec["tokenRequests"], path.child("tokenRequests")) {
        let audience = request.text("audience")
        if !audiences.insert(audience).inserted { findings.duplicate(path.child("audience"), .string(audience)) }
        if let seconds = request["expirationSeconds"]?.int, seconds < shortestToken {
          findings.invalid(
            path.child("expirationSeconds"), JSON(seconds), "may not specify a duration less than 10 minutes")
        }
      }
    },
    update: { new, old, findings in
      for field in ["attachRequired", "volumeLifecycleModes"] {
        findings.immutable(Path("spec").child(shown(field)), new: new["spec"]?[field], old: old["spec"]?[field])
      }
    })

  static let node = Rule(object: { object, findings in
    var names = Set<String>()
    for (path, driver) in findings.elements(object["spec"]?["drivers"], "spec.drivers") {
      let name = driver.text("name")
      findings.driverName(name, path.child("name"))
      if driver.text("nodeID").isEmpty { findings.required(path.child("nodeID")) }
      findings.nonNegative(path.child("allocatable").child("count"), driver.at("allocatable", "count"))
      var keys = Set<String>()
      for key in driver.list("topologyKeys").compactMap(\.string) {
        if !keys.insert(key).inserted { findings.duplicate(path.child("topologyKeys"), .string(key)) }
        findings.invalid(path.child("topologyKeys"), key, messages: Names.qualified(key))
      }
      if !names.insert(name).inserted { findings.duplicate(path.child("name"), .string(name)) }
    }
  })
}
