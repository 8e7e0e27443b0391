import JSONCore
import Objects
import Values

/// What may become of the status of a certificate signing request: who approves writes one part of it, who signs the other,
/// and what has been said is not taken back.
enum SigningRequestStatusRules {
  private static let approvals = ["Approved", "Denied"]

  static let approval: Validation.Change = { new, old, findings in
    conditions(new, old, &findings)
    checkCertificate(new, old, maySet: false, &findings)
  }

  static let status: Validation.Change = { new, old, findings in
    conditions(new, old, &findings)
    for type in approvals {
      let (before, after) = (instances(type, old), instances(type, new))
      if after.count > before.count {
        findings.forbidden("status.conditions", "updates may not add a condition of type \"\(type)\"")
      } else if after.count == before.count, after != before {
        findings.forbidden("status.conditions", "updates may not modify a condition of type \"\(type)\"")
      }
    }
    checkCertificate(new, old, maySet: true, &findings)
  }

  private static func instances(_ type: String, _ request: JSON) -> [JSON] {
    (request["status"]?.list("conditions") ?? []).filter { $0.text("type") == type }
  }

  private static func conditions(_ new: JSON, _ old: JSON, _ findings: inout Findings) {
    var seen = Set<String>()
    for (path, condition) in findings.elements(new["status"]?["conditions"], "status.conditions") {
      let (type, status) = (condition.text("type"), condition.text("status"))
      if type.isEmpty { findings.required(path.child("type")) }
      let isFinal = approvals.contains(type) || type == "Failed"
      findings.oneOf(path.child("status"), status, isFinal ? ["True"] : ["False", "True", "Unknown"])
      if let other = approvals.first(where: { $0 != type }), approvals.contains(type), seen.contains(other) {
        findings.invalid(
          path.child("type"), .string(type), "Approved and Denied conditions are mutually exclusive")
      }
      if !seen.insert(type).inserted { findings.duplicate(path.child("type"), .string(type)) }
    }
    for type in approvals + ["Failed"] where instances(type, new).count < instances(type, old).count {
      findings.forbidden("status.conditions", "updates may not remove a condition of type \"\(type)\"")
    }
  }

  private static func checkCertificate(_ new: JSON, _ old: JSON, maySet: Bool, _ findings: inout Findings) {
    let (before, after) = (old["status"]?.text("certificate") ?? "", new["status"]?.text("certificate") ?? "")
    if after == before { return }
    if !maySet { return findings.forbidden("status.certificate", "updates may not set certificate content") }
    if !before.isEmpty {
      findings.forbidden("status.certificate", "updates may not modify existing certificate content")
    }
    let text = String(decoding: Base64.decode(after) ?? [], as: UTF8.self)
    if !after.isEmpty, !text.contains("-----BEGIN CERTIFICATE-----") {
      findings.invalid(
        "status.certificate", "<certificate data>", "must contain at least one CERTIFICATE PEM block")
    }
  }
}
