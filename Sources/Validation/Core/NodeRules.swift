import JSONCore
import Objects

/// Rules of `nodes`.
enum NodeRules {
  static let rule = Rule(
    object: { node, findings in object(node, &findings) },
    update: { new, old, findings in
      change(new, old, &findings)
      // The stock server judges a node as such and as a change, and tells of these twice.
      taints(new, &findings)
      amounts(new, &findings)
    })

  /// What an update may not do.
  static func change(_ new: JSON, _ old: JSON, _ findings: inout Findings) {
    var addresses = Set<JSON>()
    for (path, address) in findings.elements(new["status"]?["addresses"], "status.addresses")
    where !addresses.insert(address).inserted {
      findings.add(
        FieldError(
          reason: .duplicate, field: path.description, message: "Duplicate value: \(GoShape.nodeAddress.text(address))")
      )
    }
    if let blocks = old["spec"]?["podCIDRs"], new["spec"]?["podCIDRs"] != blocks {
      findings.forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid")
    }
    if !(old["spec"]?.text("providerID") ?? "").isEmpty, new["spec"]?["providerID"] != old["spec"]?["providerID"] {
      findings.forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid")
    }
    if new["spec"]?["externalID"] != old["spec"]?["externalID"] {
      findings.forbidden("spec.externalID", "may not be updated")
    }
  }

  static func object(_ node: JSON, _ findings: inout Findings) {
    taints(node, &findings)
    amounts(node, &findings)
    let blocks = node["spec"]?.list("podCIDRs") ?? []
    for (path, block) in findings.elements(node["spec"]?["podCIDRs"], "spec.podCIDRs") {
      findings.addressBlock(path, block.string ?? "")
    }
    if blocks.count < 2 { return }
    let families = Set(blocks.compactMap { CIDR($0.string ?? "")?.address.isIPv6 })
    if blocks.count > 2 || families.count == 1 {
      findings.invalid(
        "spec.podCIDRs", node["spec"]?["podCIDRs"], "may specify no more than one CIDR for each IP family")
    }
    var seen = Set<JSON>()
    for (path, block) in findings.elements(node["spec"]?["podCIDRs"], "spec.podCIDRs")
    where !seen.insert(block).inserted {
      findings.duplicate(path, block)
    }
  }

  /// The stock server looks for them in the metadata, as they once were annotations.
  private static func taints(_ node: JSON, _ findings: inout Findings) {
    var seen = Set<String>()
    for (path, taint) in findings.elements(node["spec"]?["taints"], "metadata.taints") {
      findings.invalid(path.child("key"), taint.text("key"), messages: Names.qualified(taint.text("key")))
      let messages = Names.labelValue(taint.text("value"))
      if !messages.isEmpty {
        findings.invalid(path.child("value"), .string(taint.text("value")), messages.joined(separator: ";"))
      }
      findings.oneOf(
        path.child("effect"), taint.text("effect"), ["NoSchedule", "PreferNoSchedule", "NoExecute"])
      if !seen.insert("\(taint.text("key")):\(taint.text("effect"))").inserted {
        findings.add(
          FieldError(
            reason: .duplicate, field: path.description,
            message: "Duplicate value: \(GoShape.taint.text(taint)): taints must be unique by key and effect pair"))
      }
    }
  }

  static func amounts(_ node: JSON, _ findings: inout Findings) {
    for field in ["capacity", "allocatable"] {
      for (name, value) in node["status"]?[field]?.object ?? Members() {
        findings.amount(of: name, value, Path("status").child(field).child(name))
      }
    }
  }
}
