import JSONCore
import Objects

extension Cells {
  static let policies: [String: Cell] = [
    "roleReference": { row in
      JSON("\(row.object.at("roleRef", "kind")?.string ?? "")/\(row.object.at("roleRef", "name")?.string ?? "")")
    },
    "subjectUsers": { row in subjects(row, "User") },
    "subjectGroups": { row in subjects(row, "Group") },
    "subjectServiceAccounts": { row in subjects(row, "ServiceAccount") },
    "quotaRequests": { row in quota(row, isLimit: false) },
    "quotaLimits": { row in quota(row, isLimit: true) },
    "paramKind": { row in
      guard let kind = row.spec["paramKind"] else { return "<unset>" }
      return JSON("\(kind.text("apiVersion"))/\(kind.text("kind"))")
    },
    "paramReference": { row in
      guard let reference = row.spec["paramRef"] else { return "<unset>" }
      if reference.text("name").isEmpty { return reference["selector"].map { JSON(GoText.selector($0)) } ?? "<unset>" }
      let namespace = reference.text("namespace")
      return JSON("\(namespace.isEmpty ? "*" : namespace)/\(reference.text("name"))")
    },
    "missingPriorityLevel": { row in
      text(row.status.list("conditions").first { $0.text("type") == "Dangling" }?["status"], or: "?")
    },
    "nominalConcurrencyShares": { row in
      row.spec.at("limited", "nominalConcurrencyShares") ?? "<none>"
    },
  ]

  private static func subjects(_ row: Row, _ kind: String) -> JSON {
    let names = row.object.list("subjects").filter { $0.text("kind") == kind }.map { subject in
      kind == "ServiceAccount" ? "\(subject.text("namespace"))/\(subject.text("name"))" : subject.text("name")
    }
    return JSON(names.joined(separator: ", "))
  }

  /// `pods: 1/5, services: 0/2`: used and hard, for limits or for all the rest.
  private static func quota(_ row: Row, isLimit: Bool) -> JSON {
    let used = row.status["used"] ?? .emptyObject
    let lines = (row.status["hard"]?.object ?? Members()).filter { $0.key.hasPrefix("limits.") == isLimit }
      .map { "\($0.key): \(plain(used[$0.key]) ?? "0")/\(plain($0.value) ?? "0")" }
    return JSON(lines.joined(separator: ", "))
  }
}
