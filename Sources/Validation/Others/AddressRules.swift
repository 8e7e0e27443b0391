import JSONCore
import Objects

/// Rules of `ipaddresses` and `servicecidrs`.
enum AddressRules {
  static let address = Rule(
    name: { name in IPAddress.problem(name).map { [$0] } ?? [] },
    create: { object, findings in
      guard let parent = object.at("spec", "parentRef") else { return findings.required("spec.parentRef") }
      let path = Path("spec.parentRef")
      let group = parent.text("group")
      if !group.isEmpty { findings.invalid(path.child("group"), group, messages: Names.subdomain(group)) }
      for field in ["resource", "name", "namespace"] {
        let value = parent.text(field)
        if value.isEmpty {
          if field != "namespace" { findings.required(path.child(field)) }
        } else {
          findings.invalid(path.child(field), value, messages: Names.pathSegment(value))
        }
      }
    },
    update: { new, old, findings in
      let after = new.at("spec", "parentRef")
      if after == old.at("spec", "parentRef") { return }
      findings.invalid("spec.parentRef", after, as: .pointer(parentShape), "field is immutable")
    },
    updateJudgesMetadata: false)

  private static let parentShape = GoShape.structure([
    .init("group", .string), .init("resource", .string), .init("namespace", .string), .init("name", .string),
  ])

  static let serviceBlock = Rule(
    create: { object, findings in
      let path = Path("spec.cidrs")
      let blocks = object["spec"]?.list("cidrs").compactMap(\.string) ?? []
      let shape = GoShape.structure([.init("cidrs", as: "CIDRs")])
      if blocks.isEmpty { return findings.required(path, "at least one CIDR required") }
      if blocks.count > 2 {
        return findings.invalid(path, object["spec"], as: shape, "may only hold up to 2 values")
      }
      if blocks.count == 2, Set(blocks.map { CIDR($0)?.address.isIPv6 }) != [true, false] {
        return findings.invalid(
          path, object["spec"], as: shape,
          "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64")
      }
      for (index, block) in blocks.enumerated() { findings.addressBlock(path.index(index), block) }
    },
    update: { new, old, findings in
      findings.immutable("spec.cidrs", new: new.at("spec", "cidrs"), old: old.at("spec", "cidrs"))
    },
    updateJudgesMetadata: false)
}
