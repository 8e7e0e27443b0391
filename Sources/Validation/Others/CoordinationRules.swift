import JSONCore
import Objects
import Values

/// Rules of leases and certificate requests.
enum CoordinationRules {
  static let lease = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    if let seconds = spec["leaseDurationSeconds"]?.int, seconds <= 0 {
      findings.invalid(path.child("leaseDurationSeconds"), JSON(seconds), "must be greater than 0")
    }
    if let holder = spec["holderIdentity"]?.string, holder.isEmpty {
      findings.invalid(path.child("holderIdentity"), "", "must not be empty")
    }
    if let count = spec["leaseTransitions"]?.int, count < 0 {
      findings.invalid(path.child("leaseTransitions"), JSON(count), "must be greater than or equal to 0")
    }
    if spec["preferredHolder"] != nil, spec.text("strategy").isEmpty {
      findings.forbidden(path.child("preferredHolder"), "may only be specified if `strategy` is defined")
    }
  })

  private static let usages = [
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
    "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel",
    "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
    "server auth", "signing", "timestamping",
  ]

  static let signingRequest = Rule(
    name: { _ in [] },
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      let path = Path("spec")
      let request = Base64.decode(spec.text("request")) ?? []
      if !String(decoding: request, as: UTF8.self).contains("-----BEGIN CERTIFICATE REQUEST-----") {
        findings.invalid(
          path.child("request"), spec["request"] ?? .null, "PEM block type must be CERTIFICATE REQUEST")
      }
      if spec.list("usages").isEmpty { findings.required(path.child("usages")) }
      var seen = Set<JSON>()
      for (path, usage) in findings.elements(spec["usages"], path.child("usages")) {
        findings.supported(path, usage.string ?? "", usages)
        if !seen.insert(usage).inserted { findings.duplicate(path, usage) }
      }
      let signer = spec.text("signerName")
      if signer == "kubernetes.io/legacy-unknown" {
        findings.invalid(
          path.child("signerName"), .string(signer), "the legacy signerName is not allowed via this API version")
      } else {
        findings.signerName(signer, path.child("signerName"))
      }
      if let seconds = spec["expirationSeconds"]?.int, seconds < 600 {
        findings.invalid(
          path.child("expirationSeconds"), JSON(seconds),
          "may not specify a duration less than 600 seconds (10 minutes)")
      }
    })
}
