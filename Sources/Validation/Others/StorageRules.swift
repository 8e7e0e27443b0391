import JSONCore
import Objects

/// Rules of storage classes, attachments and priority classes.
enum StorageRules {
  /// Above it are only the classes of the system.
  static let highestUserPriority = 1_000_000_000

  static let storageClass = Rule(
    object: { object, findings in
      let provisioner = object.text("provisioner")
      if provisioner.isEmpty {
        findings.required("provisioner")
      } else {
        findings.invalid("provisioner", provisioner, messages: Names.qualified(provisioner.lowercased()))
      }
      if let policy = object["reclaimPolicy"]?.string {
        findings.supported("reclaimPolicy", policy, ["Delete", "Retain"])
      }
      if let mode = object["volumeBindingMode"]?.string {
        findings.supported("volumeBindingMode", mode, ["Immediate", "WaitForFirstConsumer"])
      } else {
        findings.required("volumeBindingMode")
      }
      parameters(object["parameters"]?.object ?? Members(), limit: 512, &findings)
      for (index, term) in object.list("allowedTopologies").enumerated() {
        topology(term, Path("allowedTopologies").index(index), &findings)
      }
    },
    update: { new, old, findings in
      if new["parameters"] != old["parameters"] {
        findings.forbidden("parameters", "updates to parameters are forbidden.")
      }
      findings.immutable("provisioner", new: new["provisioner"], old: old["provisioner"])
      if new["reclaimPolicy"] != old["reclaimPolicy"] {
        findings.forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden.")
      }
      findings.immutable("volumeBindingMode", new: new["volumeBindingMode"], old: old["volumeBindingMode"])
    })

  /// - Parameter limit: how many there may be.
  static func parameters(_ parameters: Members, limit: Int, _ findings: inout Findings) {
    if parameters.count > limit {
      return findings.add(
        FieldError(
          reason: .tooLong, field: "Provisioner Parameters", message: "Too long: may not be more than \(limit) bytes"))
    }
    var size = 0
    for (key, value) in parameters {
      if key.isEmpty { findings.invalid("parameters", .string(key), "field can not be empty.") }
      size += key.utf8.count + (value.string?.utf8.count ?? 0)
    }
    if size > CapacityRules.parameterBytes { findings.add(.tooLong("parameters", limit: CapacityRules.parameterBytes)) }
  }

  /// One of `allowedTopologies`.
  private static func topology(_ term: JSON, _ path: Path, _ findings: inout Findings) {
    var keys = Set<String>()
    for (path, expression) in findings.elements(term["matchLabelExpressions"], path.child("matchLabelExpressions")) {
      let key = expression.text("key")
      var values = Set<JSON>()
      if expression.list("values").isEmpty { findings.required(path.child("values")) }
      for (path, value) in findings.elements(expression["values"], path.child("values"))
      where !values.insert(value).inserted {
        findings.duplicate(path, value)
      }
      findings.invalid(path.child("key"), key, messages: Names.qualified(key))
      if !keys.insert(key).inserted { findings.duplicate(path.child("key"), .string(key)) }
    }
  }

  static let volumeAttachment = Rule(
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      for field in ["attacher", "nodeName"] where spec.text(field).isEmpty {
        findings.required(Path("spec").child(field))
      }
      let words = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
      switch (spec.at("source", "persistentVolumeName"), spec.at("source", "inlineVolumeSpec")) {
      case (nil, nil): findings.required("spec.source", words)
      case (_?, _?): findings.forbidden("spec.source", words)
      case ("", nil):
        findings.required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName")
      default: break
      }
    },
    update: { new, old, findings in
      findings.immutable("spec", new: new["spec"], old: old["spec"], as: attachment)
    })

  private static let attachment = GoShape.structure([
    .init("attacher", .string),
    .init("source", .structure([.init("persistentVolumeName"), .init("inlineVolumeSpec")])), .init("nodeName", .string),
  ])

  private static let systemClasses = ["system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000]

  static let priorityClass = Rule(
    object: { object, findings in
      let name = object.at("metadata", "name")?.string ?? ""
      let value = object["value"]?.int ?? 0
      if name.hasPrefix("system-") {
        if systemClasses[name] != value {
          let why =
            systemClasses[name].map { "value of \(name) PriorityClass must be \($0)" }
            ?? "\(name) is not a known system priority class"
          findings.forbidden(
            "metadata.name",
            "priority class names with 'system-' prefix are reserved for system use only. error: \(why)")
        }
      } else if value > highestUserPriority {
        findings.forbidden(
          "value", "maximum allowed value of a user defined priority is \(highestUserPriority)")
      }
      if let policy = object["preemptionPolicy"]?.string {
        findings.supported("preemptionPolicy", policy, ["Never", "PreemptLowerPriority"])
      }
    },
    update: { new, old, findings in
      if (new["value"]?.int ?? 0) != (old["value"]?.int ?? 0) {
        findings.forbidden("value", "may not be changed in an update.")
      }
      if new["preemptionPolicy"] != old["preemptionPolicy"] {
        findings.immutable("preemptionPolicy", new: new["preemptionPolicy"], old: old["preemptionPolicy"])
      }
    })
}
