import JSONCore
import Objects

/// Rules of `csistoragecapacities` and `volumeattributesclasses`.
enum CapacityRules {
  static let capacity = Rule(
    object: { object, findings in
      findings.labelSelector(object["nodeTopology"], "nodeTopology")
      let name = object.text("storageClassName")
      findings.invalid("storageClassName", name, messages: Names.subdomain(name))
      for field in ["capacity", "maximumVolumeSize"] {
        if let value = object[field] { findings.quantity(value, Path(field)) }
      }
    },
    update: { new, old, findings in
      findings.immutable("nodeTopology", new: new["nodeTopology"], old: old["nodeTopology"])
      findings.immutable("storageClassName", new: new["storageClassName"], old: old["storageClassName"])
    })

  private static let maximumParameters = 512
  /// Bytes, keys and values.
  static let parameterBytes = 256 * 1024

  static let attributes = Rule(
    object: { object, findings in
      findings.driverName(object.text("driverName"), "driverName")
      let parameters = object["parameters"]?.object ?? Members()
      if parameters.isEmpty {
        findings.required("parameters", "must contain at least one key/value pair")
      }
      StorageRules.parameters(parameters, limit: maximumParameters, &findings)
    },
    update: { new, old, findings in
      findings.immutable("driverName", new: new["driverName"], old: old["driverName"])
      if new["parameters"] != old["parameters"] {
        findings.forbidden("parameters", "updates to parameters are forbidden.")
      }
    })
}
