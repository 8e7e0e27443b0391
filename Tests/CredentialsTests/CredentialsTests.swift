import Foundation
import Testing
import Values
import X509

@testable import Credentials

@Suite struct CredentialsTests {
  let now = Instant(seconds: 1_800_000_000)

  @Test func clientCertificateNamesUserAndGroups() throws {
    let authority = try CertificateAuthority.make(now: now)
    let request = try SignerRulesTests.request("jane", ["dev", "system:masters"])
    let certificate = try authority.sign(
      request: try request.serializeAsPEM().pemString, usages: ["client auth"], signer: "example.com/any",
      lifetime: nil, now: now)
    let lines = certificate.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
    let subject = try CertificateSubject(der: Array(try #require(Data(base64Encoded: lines))))
    #expect(subject.user == "jane")
    #expect(Set(subject.groups) == ["dev", "system:masters"])
  }

  @Test func tokensAreVerifiedAndExpire() async throws {
    let tokens = try await ServiceAccountTokens(keyPEM: ServiceAccountTokens.makeKeyPEM(), issuer: "https://cluster")
    let claims = ServiceAccountTokens.Claims(
      namespace: "default", serviceAccount: .init(name: "robot", uid: "u1"), pod: .init(name: "p", uid: "u2"))
    let token = try await tokens.sign(claims, audiences: ["api"], lifetime: .seconds(600), id: "j1", now: now)
    let verified = try await tokens.verify(token, now: now + .seconds(599))
    #expect(verified.claims == claims)
    #expect(verified.audiences == ["api"])
    await #expect(throws: ServiceAccountTokens.Failure.self) {
      try await tokens.verify(token, now: now + .seconds(600))
    }
    await #expect(throws: ServiceAccountTokens.Failure.self) { try await tokens.verify(token + "x", now: now) }
    let other = try await ServiceAccountTokens(keyPEM: ServiceAccountTokens.makeKeyPEM(), issuer: "https://cluster")
    await #expect(throws: ServiceAccountTokens.Failure.self) { try await other.verify(token, now: now) }
  }

  @Test func secretsSurviveInTheirDirectory() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: directory) }
    let first = try CredentialStore(directory: directory, hosts: ["localhost", "127.0.0.1"], now: now)
    let again = try CredentialStore(directory: directory, hosts: ["localhost", "127.0.0.1"], now: now)
    #expect(first.adminToken == again.adminToken)
    #expect(first.server.certificatePEM == again.server.certificatePEM)
    let moved = try CredentialStore(directory: directory, hosts: ["localhost", "10.0.0.1"], now: now)
    #expect(moved.server.certificatePEM != first.server.certificatePEM)
    let key = directory.appendingPathComponent("ca.key").path
    let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func textsAreSignedWithBootstrapTokens() {
    let signature = BootstrapSignature.detached("content", tokenID: "joshua", secret: "secret")
    // {"alg":"HS256","kid":"joshua"}, no content, and what the stock signer makes of the same.
    #expect(
      signature
        == "eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..cadjLdbkrYXwkw8pUDfHukLYUFMkURVwBXQrcOrCavE")
  }
}
