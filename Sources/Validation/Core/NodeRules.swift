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
      let blocks = object["spec"]?.list("podCIDRs") ?? []
      for (path, block) in findings.elements(object["spec"]?["podCIDRs"], "spec.podCIDRs") {
        findings.addressBlock(path, block.string ?? "")
      }
      let families = Set(blocks.compactMap { CIDR($0.string ?? "")?.address.isIPv6 })
      if blocks.count > 2 || blocks.count == 2 && families.count == 1 {
        findings.invalid(
          "spec.podCIDRs", object["spec"]?["podCIDRs"], "may specify no more than one CIDR for each IP family")
      }
      for (name, value) in object["status"]?["capacity"]?.object ?? Members() {
        findings.quantity(value, Path("status.capacity").key(name))
      }
    },
    update: { new, old, findings in
      if let blocks = old["spec"]?["podCIDRs"], new["spec"]?["podCIDRs"] != blocks {
        findings.forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid")
      }
      if !(old["spec"]?.text("providerID") ?? "").isEmpty, new["spec"]?["providerID"] != old["spec"]?["providerID"] {
        findings.forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid")
      }
    })
}
