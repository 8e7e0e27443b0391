import APIServer
import Controllers
import Credentials
import Foundation
import JSONCore
import Objects
import Registry
import Values

/// The cluster's secrets as the API needs them: who is the admin, how tokens are signed and checked, whom certificates name.
struct Identity: Sendable {
  let credentials: CredentialStore
  let tokens: ServiceAccountTokens

  static let issuer = "https://kubernetes.default.svc.cluster.local"

  init(directory: URL?, hosts: [String], now: Instant) throws {
    credentials = try CredentialStore(directory: directory, hosts: hosts, now: now)
    tokens = ServiceAccountTokens(key: credentials.tokenKey, issuer: Self.issuer)
  }

  func authentication(noAuth: Bool) -> Authentication {
    var result = Authentication()
    result.tokens = [credentials.adminToken: Authentication.administrator]
    result.trustsLoopback = noAuth
    result.verifyToken = { [tokens] token, now in
      guard let verified = try? tokens.verify(token, now: now) else { return nil }
      return TokenIdentity(verified)
    }
    result.readCertificate = { der in
      guard let subject = try? CertificateSubject(der: der), !subject.user.isEmpty else { return nil }
      return CertificateIdentity(
        caller: Caller(name: subject.user, groups: subject.groups), validity: subject.validity)
    }
    return result
  }

  /// What others need to check tokens by themselves.
  var publicKeys: TokenKeys {
    TokenKeys(algorithms: tokens.algorithms) { [tokens] () throws(Status) in
      do { return try tokens.jwks } catch { throw .internalError("there is no key for tokens: \(error)") }
    }
  }

  /// Signs what the verbs decided that a token shall say.
  var signer: TokenSigner {
    { [tokens] claims throws(Status) in
      do {
        return try tokens.sign(
          claims.signed, audiences: claims.audiences.isEmpty ? [Self.issuer] : claims.audiences,
          lifetime: .seconds(claims.lifetimeSeconds), id: claims.id, now: claims.issued)
      } catch {
        throw .internalError("the token cannot be signed: \(error)")
      }
    }
  }
}

extension Identity {
  /// Answers requests for certificates by the cluster's authority.
  var certificateSigner: CertificateSigner {
    { [authority = credentials.authority] spec, now throws(SigningFailure) in
      guard let pem = Data(base64Encoded: spec.text("request")) else {
        throw SigningFailure(message: "the request is not base64")
      }
      do {
        let certificate = try authority.sign(
          request: String(decoding: pem, as: UTF8.self), usages: spec.list("usages").compactMap(\.string),
          signer: spec.text("signerName"), lifetime: spec["expirationSeconds"]?.int.map { .seconds($0) }, now: now)
        return Data(certificate.utf8).base64EncodedString()
      } catch {
        throw SigningFailure(message: "\(error)")
      }
    }
  }
}

extension Identity {
  /// Whether a kubelet asks for its client certificate, and may.
  func kubeletRequests(_ cluster: Cluster) -> KubeletRequests {
    KubeletRequests { spec in
      guard let pem = Data(base64Encoded: spec.text("request")) else { return nil }
      return CertificateAuthority.kubeletName(
        ofRequest: String(decoding: pem, as: UTF8.self), usages: spec.list("usages").compactMap(\.string))
    } mayCreate: { [weak cluster] spec, subresource in
      var extra: [String: [String]] = [:]
      for (key, values) in spec["extra"]?.object ?? Members() { extra[key] = values.array?.compactMap(\.string) }
      let caller = Caller(
        name: spec.text("username"), uid: spec.text("uid"), groups: spec.list("groups").compactMap(\.string),
        extra: extra)
      let attributes = Attributes(
        caller: caller, verb: "create", group: "certificates.k8s.io", version: "*",
        resource: "certificatesigningrequests", subresource: subresource)
      return cluster?.authorize(attributes).isAllowed ?? false
    }
  }

  /// Signs `cluster-info` for those who know a bootstrap token.
  static let signText: TextSigner = { content, id, secret in
    BootstrapSignature.detached(content, tokenID: id, secret: secret)
  }
}

extension TokenClaims {
  fileprivate var signed: ServiceAccountTokens.Claims {
    func claim(_ reference: Reference?) -> ServiceAccountTokens.Claims.Reference? {
      reference.map { .init(name: $0.name, uid: $0.uid) }
    }
    func end(_ kind: String) -> ServiceAccountTokens.Claims.Reference? {
      bound?.kind == kind ? claim(bound) : nil
    }
    return ServiceAccountTokens.Claims(
      namespace: namespace, serviceAccount: .init(name: account.name, uid: account.uid), pod: end("Pod"),
      node: end("Node") ?? claim(node), secret: end("Secret"), warnAfter: warnAfter?.seconds)
  }
}

extension TokenIdentity {
  fileprivate init(_ verified: ServiceAccountTokens.Verified) {
    func reference(_ claim: ServiceAccountTokens.Claims.Reference) -> Reference {
      Reference(name: claim.name, uid: claim.uid)
    }
    let claims = verified.claims
    self.init(
      namespace: claims.namespace, account: reference(claims.serviceAccount), pod: claims.pod.map(reference),
      node: claims.node.map(reference), secret: claims.secret.map(reference), audiences: verified.audiences,
      id: verified.id, expires: verified.expires)
  }
}
