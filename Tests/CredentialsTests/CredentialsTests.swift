import Crypto
import Foundation
import Synchronization
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

  private let claims = ServiceAccountTokens.Claims(
    namespace: "default", serviceAccount: .init(name: "robot", uid: "u1"), pod: .init(name: "p", uid: "u2"))

  /// The keys of clusters old and new.
  @Test(arguments: [P256.Signing.PrivateKey().pemRepresentation, nil])
  func tokensAreVerifiedAndExpire(kept: String?) throws {
    let tokens = ServiceAccountTokens(key: try TokenKey(pem: kept), issuer: "https://cluster")
    let token = try tokens.sign(claims, audiences: ["api"], lifetime: .seconds(600), id: "j1", now: now)
    let verified = try tokens.verify(token, now: now + .seconds(599))
    #expect(verified.claims == claims)
    #expect(verified.audiences == ["api"])
    #expect(tokens.algorithms == [kept == nil ? "RS256" : "ES256"])
    #expect(try tokens.jwks.contains(#""alg":"\#(tokens.algorithms[0])""#))
    #expect(throws: ServiceAccountTokens.Failure.self) { try tokens.verify(token, now: now + .seconds(600)) }
    let end = token.index(before: token.endIndex)
    for wrong in [token + "x", "x" + token, String(token[..<end]), "a.b.c", "", token.replacing(".", with: "..")] {
      #expect(throws: ServiceAccountTokens.Failure.self) { try tokens.verify(wrong, now: now) }
    }
    let other = ServiceAccountTokens(
      key: try TokenKey(pem: P256.Signing.PrivateKey().pemRepresentation), issuer: "https://cluster")
    #expect(throws: ServiceAccountTokens.Failure.self) { try other.verify(token, now: now) }
  }

  @Test func aKeyIsMadeWhenItIsNeededAndStays() throws {
    let kept = Mutex<[String]>([])
    let key = try TokenKey { pem in kept.withLock { $0.append(pem) } }
    let tokens = ServiceAccountTokens(key: key, issuer: "https://cluster")
    #expect(throws: ServiceAccountTokens.Failure.self) { try tokens.verify("a.b.c", now: now) }
    #expect(key.present == nil)
    let token = try tokens.sign(claims, audiences: [], lifetime: .seconds(600), id: "j1", now: now)
    _ = try tokens.jwks
    let pems = kept.withLock { $0 }
    #expect(pems.count == 1)
    let again = ServiceAccountTokens(key: try TokenKey(pem: pems[0]), issuer: "https://cluster")
    #expect(try again.verify(token, now: now).id == "j1")
    #expect(try again.jwks == tokens.jwks)
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
