import Crypto
import Testing
import Values
import X509

@testable import Credentials

/// What each signer asks of a request.
@Suite struct SignerRulesTests {
  static func request(
    _ user: String, _ groups: [String], hosts: [String] = []
  ) throws -> CertificateSigningRequest {
    let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    let subject = try DistinguishedName {
      for group in groups { OrganizationName(group) }
      CommonName(user)
    }
    let names = SubjectAlternativeNames(hosts.map { .dnsName($0) })
    let extensions = try Certificate.Extensions { if !hosts.isEmpty { names } }
    return try CertificateSigningRequest(
      version: .v1, subject: subject, privateKey: key,
      attributes: .init([.init(ExtensionRequest(extensions: extensions))]))
  }

  private func refusal(
    _ signer: String, _ usages: [String], _ user: String = "system:node:n", _ groups: [String] = ["system:nodes"],
    hosts: [String] = []
  ) throws -> String? {
    do {
      try SignerRules.check(
        try Self.request(user, groups, hosts: hosts), usages: usages, signer: "kubernetes.io/\(signer)")
      return nil
    } catch let refusal as SignerRules.Refusal { return refusal.description }
  }

  @Test func clientsAskForClientUseOnly() throws {
    #expect(try refusal("kube-apiserver-client", ["client auth", "digital signature"], "me", []) == nil)
    #expect(
      try refusal("kube-apiserver-client", ["client auth", "server auth"], "me", [])
        == "invalid usage for client certificate: server auth")
    #expect(
      try refusal("kube-apiserver-client", ["digital signature"], "me", [])
        == "missing required usage for client certificate: client auth")
  }

  @Test func kubeletsAreNodesAndNothingElse() throws {
    let signer = "kube-apiserver-client-kubelet"
    let usages = ["client auth", "digital signature"]
    #expect(try refusal(signer, usages) == nil)
    #expect(try refusal(signer, usages, "me") == "subject common name does not begin with system:node:")
    #expect(
      try refusal(signer, usages, "system:node:n", ["system:masters"]) == "subject organization is not system:nodes")
    #expect(try refusal(signer, usages, hosts: ["n"]) == "DNS subjectAltNames are not allowed")
    #expect(
      try refusal(signer, ["client auth"]) == "usages did not match [client auth digital signature key encipherment]")
  }

  @Test func servingNeedsAName() throws {
    let usages = ["server auth", "digital signature", "key encipherment"]
    #expect(try refusal("kubelet-serving", usages, hosts: ["n"]) == nil)
    #expect(try refusal("kubelet-serving", usages) == "DNS or IP subjectAltName is required")
  }
}
