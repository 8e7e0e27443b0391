import X509

/// What the signers of Kubernetes ask of a request for a certificate, beside its being approved.
enum SignerRules {
  struct Refusal: Error, CustomStringConvertible { let description: String }

  private static let clientUsages: Set<String> = ["client auth", "digital signature", "key encipherment"]
  private static let servingUsages: Set<String> = ["server auth", "digital signature", "key encipherment"]

  /// - Parameter signer: `kubernetes.io/kubelet-serving`
  /// - Throws: `Refusal` with what is wrong, in the stock signer's words.
  static func check(_ request: CertificateSigningRequest, usages: [String], signer: String) throws {
    switch signer {
    case "kubernetes.io/kube-apiserver-client": try checkClient(usages)
    case "kubernetes.io/kube-apiserver-client-kubelet": try checkKubeletClient(request, Set(usages))
    case "kubernetes.io/kubelet-serving": try checkKubeletServer(request, Set(usages))
    default: break
    }
  }

  /// The common name in a kubelet's request for its client certificate; nil where the signer would refuse it.
  static func kubeletName(_ request: CertificateSigningRequest, usages: [String]) -> String? {
    do { try checkKubeletClient(request, Set(usages)) } catch { return nil }
    return Subject(request.subject).commonName
  }

  private static func require(_ holds: Bool, _ message: String) throws {
    if !holds { throw Refusal(description: message) }
  }

  private static func checkClient(_ usages: [String]) throws {
    for usage in usages {
      try require(clientUsages.contains(usage), "invalid usage for client certificate: \(usage)")
    }
    try require(usages.contains("client auth"), "missing required usage for client certificate: client auth")
  }

  private static func checkKubeletClient(_ request: CertificateSigningRequest, _ usages: Set<String>) throws {
    let subject = Subject(request.subject)
    let names = try AlternativeNames(request)
    try require(subject.organizations == ["system:nodes"], "subject organization is not system:nodes")
    try require(names.hosts == 0, "DNS subjectAltNames are not allowed")
    try require(names.emails == 0, "Email subjectAltNames are not allowed")
    try require(names.addresses == 0, "IP subjectAltNames are not allowed")
    try require(names.identifiers == 0, "URI subjectAltNames are not allowed")
    try checkNode(subject)
    try check(usages, clientUsages)
  }

  private static func checkKubeletServer(_ request: CertificateSigningRequest, _ usages: Set<String>) throws {
    let subject = Subject(request.subject)
    let names = try AlternativeNames(request)
    try require(subject.organizations == ["system:nodes"], "subject organization is not system:nodes")
    try require(names.hosts + names.addresses > 0, "DNS or IP subjectAltName is required")
    try require(names.emails == 0, "Email subjectAltNames are not allowed")
    try require(names.identifiers == 0, "URI subjectAltNames are not allowed")
    try check(usages, servingUsages)
    try checkNode(subject)
  }

  private static func checkNode(_ subject: Subject) throws {
    try require(
      subject.commonName.hasPrefix("system:node:"), "subject common name does not begin with system:node:")
  }

  /// Keys that cannot encipher leave that usage out.
  private static func check(_ usages: Set<String>, _ wanted: Set<String>) throws {
    try require(
      usages == wanted || usages == wanted.subtracting(["key encipherment"]),
      "usages did not match [\(wanted.sorted().joined(separator: " "))]")
  }

  private struct Subject {
    var commonName = ""
    var organizations: [String] = []

    init(_ name: DistinguishedName) {
      for attribute in name.flatMap({ Array($0) }) {
        let value = String(describing: attribute.value)
        switch attribute.type {
        case .RDNAttributeType.commonName: commonName = value
        case .RDNAttributeType.organizationName: organizations.append(value)
        default: continue
        }
      }
    }
  }

  private struct AlternativeNames {
    var hosts = 0
    var addresses = 0
    var emails = 0
    var identifiers = 0

    init(_ request: CertificateSigningRequest) throws {
      guard let names = try request.attributes.extensionRequest?.extensions.subjectAlternativeNames else { return }
      for name in names {
        switch name {
        case .dnsName: hosts += 1
        case .ipAddress: addresses += 1
        case .rfc822Name: emails += 1
        case .uniformResourceIdentifier: identifiers += 1
        default: continue
        }
      }
    }
  }
}
