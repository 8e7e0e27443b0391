import Crypto
import Foundation
import SwiftASN1
import Values
import X509

/// The cluster's own certificate authority: signs the server's certificate and those of clients.
public struct CertificateAuthority: Sendable {
  public let identity: Identity

  /// A certificate and its private key, both as PEM.
  public struct Identity: Sendable {
    public var certificatePEM: String
    public var keyPEM: String

    public init(certificatePEM: String, keyPEM: String) {
      self.certificatePEM = certificatePEM
      self.keyPEM = keyPEM
    }
  }

  /// How long certificates are good for.
  static let caYears = 10
  static let leafYears = 1

  public init(identity: Identity) { self.identity = identity }

  /// A new authority with a P-256 key.
  public static func make(now: Instant) throws -> CertificateAuthority {
    let key = P256.Signing.PrivateKey()
    let name = try DistinguishedName { CommonName("swiftlet-ca") }
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: Certificate.PrivateKey(key).publicKey,
      notValidBefore: now.date.addingTimeInterval(-clockSkew), notValidAfter: now.date.addingYears(caYears),
      issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(digitalSignature: true, keyCertSign: true, cRLSign: true))
        SubjectKeyIdentifier(hash: Certificate.PrivateKey(key).publicKey)
      }, issuerPrivateKey: Certificate.PrivateKey(key))
    return CertificateAuthority(identity: Identity(certificatePEM: try certificate.pem, keyPEM: key.pemRepresentation))
  }

  /// A certificate for the HTTPS server.
  /// - Parameter hosts: DNS names and IPv4 or IPv6 addresses that clients will use.
  public func issueServer(hosts: [String], now: Instant) throws -> Identity {
    let names = hosts.map { host in
      host.ipAddressBytes.map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...])) } ?? .dnsName(host)
    }
    return try issue(
      subject: try DistinguishedName { CommonName("swiftlet") }, usage: [.serverAuth], names: names, now: now)
  }

  private func issue(
    subject: DistinguishedName, usage: [ExtendedKeyUsage.Usage], names: [GeneralName], now: Instant
  ) throws -> Identity {
    let caKey = try Certificate.PrivateKey(pemEncoded: identity.keyPEM)
    let caCertificate = try Certificate(pemEncoded: identity.certificatePEM)
    let key = P256.Signing.PrivateKey()
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: Certificate.PrivateKey(key).publicKey,
      notValidBefore: now.date.addingTimeInterval(-Self.clockSkew), notValidAfter: now.date.addingYears(Self.leafYears),
      issuer: caCertificate.subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage(usage)
        if !names.isEmpty { SubjectAlternativeNames(names) }
      }, issuerPrivateKey: caKey)
    return Identity(certificatePEM: try certificate.pem, keyPEM: key.pemRepresentation)
  }

  /// A certificate for somebody else's key.
  /// - Parameters:
  ///   - request: PKCS #10 in PEM; its subject and alternative names are taken over.
  ///   - usages: as a CertificateSigningRequest names them, `client auth`.
  ///   - signer: `kubernetes.io/kubelet-serving`; what it asks of requests is checked.
  ///   - lifetime: what was asked for; a year when nothing was, and at most that.
  public func sign(
    request: String, usages: [String], signer: String, lifetime: Duration?, now: Instant
  ) throws -> String {
    let request = try CertificateSigningRequest(pemEncoded: request)
    try SignerRules.check(request, usages: usages, signer: signer)
    let ca = try Certificate(pemEncoded: identity.certificatePEM)
    let known: [String: ExtendedKeyUsage.Usage] = ["client auth": .clientAuth, "server auth": .serverAuth]
    let names = try request.attributes.extensionRequest?.extensions.subjectAlternativeNames
    let year = now.date.addingYears(Self.leafYears)
    let end = lifetime.map { now.date.addingTimeInterval(Double($0.components.seconds)) } ?? year
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: request.publicKey,
      notValidBefore: now.date.addingTimeInterval(-Self.clockSkew), notValidAfter: min(end, year),
      issuer: ca.subject, subject: request.subject, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(
          KeyUsage(
            digitalSignature: usages.contains("digital signature"), keyEncipherment: usages.contains("key encipherment")
          ))
        try ExtendedKeyUsage(usages.compactMap { known[$0] })
        if let names { names }
      }, issuerPrivateKey: try Certificate.PrivateKey(pemEncoded: identity.keyPEM))
    return try certificate.pem
  }

  /// The common name in a kubelet's request for its client certificate; nil for any other request.
  public static func kubeletName(ofRequest pem: String, usages: [String]) -> String? {
    guard let request = try? CertificateSigningRequest(pemEncoded: pem) else { return nil }
    return SignerRules.kubeletName(request, usages: usages)
  }

  /// Clients whose clock is a little behind must accept a certificate made just now.
  private static let clockSkew: TimeInterval = 300
}

/// Who a client certificate speaks for (`x509` authentication: CN is the user, each O a group).
public struct CertificateSubject: Sendable, Equatable {
  public var user: String
  public var groups: [String]
  /// When it is good: the TLS layer leaves that to whoever knows the cluster's time.
  public var validity: ClosedRange<Instant>

  /// - Parameter der: the leaf certificate as the TLS layer received and verified it.
  public init(der: [UInt8]) throws {
    let certificate = try Certificate(derEncoded: der)
    let start = certificate.notValidBefore.instant
    validity = start...max(start, certificate.notValidAfter.instant)
    user = ""
    groups = []
    for relative in certificate.subject {
      for attribute in relative {
        let value = String(describing: attribute.value)
        switch attribute.type {
        case .RDNAttributeType.commonName: user = value
        case .RDNAttributeType.organizationName: groups.append(value)
        default: continue
        }
      }
    }
  }
}

extension Certificate {
  var pem: String { get throws { try serializeAsPEM().pemString + "\n" } }
}

extension Instant {
  var date: Date { Date(timeIntervalSince1970: Double(nanoseconds) / 1e9) }
}

extension Date {
  /// In whole seconds, as certificates have them.
  var instant: Instant {
    let seconds = timeIntervalSince1970
    return abs(seconds) < 9e18 ? Instant(seconds: Int64(seconds)) : seconds < 0 ? .epoch : .distantFuture
  }

  func addingYears(_ years: Int) -> Date { addingTimeInterval(Double(years) * 365.25 * 86400) }
}

extension String {
  /// The 4 or 16 bytes of an IP address; nil when this is a name.
  var ipAddressBytes: [UInt8]? {
    var four = in_addr()
    if inet_pton(AF_INET, self, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
    var six = in6_addr()
    if inet_pton(AF_INET6, self, &six) == 1 { return withUnsafeBytes(of: six) { Array($0) } }
    return nil
  }
}

extension String {
  /// Whether this PEM certificate is still valid at a later date.
  func isGood(until date: Date) throws -> Bool { try Certificate(pemEncoded: self).notValidAfter > date }
}
