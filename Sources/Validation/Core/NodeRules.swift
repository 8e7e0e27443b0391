import JSONCore
import Objects

/// Rules of `nodes`.
enum NodeRules {
  static let rule = Rule(
    object: { object, findings in
      var seen = Set<String>()
      for (path, taint) in findings.elements(object["spec"]?["taints"], "spec.taints") {
        findings.invalid(path.child("key"), taint.text("key"), messages: Names.qualified(taint.text("key")))
        findings.invalid(path.child("value"), taint.text("value"), messages: Names.labelValue(taint.text("value")))
        findings.oneOf(
          path.child("effect"), taint.text("effect"), ["NoSchedule", "PreferNoSchedule", "NoExecute"])
        if !seen.insert("\(taint.text("key")):\(taint.text("effect"))").inserted {
          findings.duplicate(path, taint)
        }
      }
      for (name, value) in object["status"]?["capacity"]?.object ?? Members() {
        findings.quantity(value, Path("status.capacity").key(name))
      }
    },
    update: { new, old, findings in
      if !(old["spec"]?.text("providerID") ?? "").isEmpty, new["spec"]?["providerID"] != old["spec"]?["providerID"] {
        findings.forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid")
      }
    })
}
