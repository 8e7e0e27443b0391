import Crypto
import Foundation
import Values

/// The secrets of a cluster: its certificate authority, the server's certificate, the key that signs service-account
/// tokens, and the admin's bearer token. Kept in a directory between runs, or only in memory for a cluster that keeps nothing.
public struct CredentialStore: Sendable {
  public let authority: CertificateAuthority
  public let server: CertificateAuthority.Identity
  public let tokenKey: TokenKey
  public let adminToken: String

  /// Names of the files in the directory.
  enum File: String {
    case caCertificate = "ca.crt"
    case caKey = "ca.key"
    case serverCertificate = "server.crt"
    case serverKey = "server.key"
    case serverHosts = "server.hosts"
    case tokenKey = "service-account.key"
    case adminToken = "admin.token"
  }

  /// A server certificate is made anew when less than this is left of it.
  static let renewBefore: TimeInterval = 30 * 86400

  /// - Parameters:
  ///   - directory: where the secrets are read from, and written to (mode 0600) when missing; nil keeps them in memory.
  ///   - hosts: names and addresses that the server's certificate must cover.
  public init(directory: URL?, hosts: [String], now: Instant) throws {
    guard let directory else {
      authority = try CertificateAuthority.make(now: now)
      server = try authority.issueServer(hosts: hosts, now: now)
      tokenKey = try TokenKey()
      adminToken = Self.makeToken()
      return
    }
    let files = Files(directory: directory)
    try files.createDirectory()
    if let certificate = try files.read(.caCertificate), let key = try files.read(.caKey) {
      authority = CertificateAuthority(identity: .init(certificatePEM: certificate, keyPEM: key))
    } else {
      authority = try CertificateAuthority.make(now: now)
      try files.write(authority.identity.keyPEM, to: .caKey)
      try files.write(authority.identity.certificatePEM, to: .caCertificate)
    }
    server = try Self.serverIdentity(files, authority: authority, hosts: hosts, now: now)
    tokenKey = try TokenKey(pem: try files.read(.tokenKey)) { try files.write($0, to: .tokenKey) }
    adminToken = try files.read(.adminToken) ?? files.write(Self.makeToken(), to: .adminToken)
  }

  /// The stored certificate while it covers the hosts and is good for a month; else a new one.
  private static func serverIdentity(
    _ files: Files, authority: CertificateAuthority, hosts: [String], now: Instant
  ) throws -> CertificateAuthority.Identity {
    let wanted = hosts.joined(separator: "\n")
    if let certificate = try files.read(.serverCertificate), let key = try files.read(.serverKey),
      try files.read(.serverHosts) == wanted, try certificate.isGood(until: now.date.addingTimeInterval(renewBefore))
    {
      return .init(certificatePEM: certificate, keyPEM: key)
    }
    let identity = try authority.issueServer(hosts: hosts, now: now)
    try files.write(identity.keyPEM, to: .serverKey)
    try files.write(identity.certificatePEM, to: .serverCertificate)
    try files.write(wanted, to: .serverHosts)
    return identity
  }

  /// 256 random bits.
  private static func makeToken() -> String { SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64URL } }
}

/// The files of a data directory, readable by their owner only.
struct Files: Sendable {
  let directory: URL

  func createDirectory() throws {
    try FileManager.default.createDirectory(
      at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  /// Nil when the file is not there; any other failure is thrown.
  func read(_ file: CredentialStore.File) throws -> String? {
    let path = directory.appendingPathComponent(file.rawValue)
    guard FileManager.default.fileExists(atPath: path.path) else { return nil }
    return try String(contentsOf: path, encoding: .utf8)
  }

  @discardableResult
  func write(_ text: String, to file: CredentialStore.File) throws -> String {
    try PrivateFile.write(text, to: directory.appendingPathComponent(file.rawValue))
    return text
  }
}

/// Writing a secret: whole or not at all, and never readable by others, not even for a moment.
public enum PrivateFile {
  public static func write(_ text: String, to url: URL) throws {
    let temporary = url.deletingLastPathComponent().appendingPathComponent(".\(url.lastPathComponent).new")
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: Data(text.utf8))
    try handle.synchronize()
    try handle.close()
    guard rename(temporary.path, url.path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }
}
