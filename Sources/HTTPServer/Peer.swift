/// A numeric address and port.
public struct SocketAddress: Sendable, Hashable {
  /// Numeric text without brackets: `127.0.0.1`, `::1`.
  public var host: String
  public var port: Int
  public var isLoopback: Bool

  /// As it stands in a URL: `127.0.0.1:8080`, `[::1]:8080`.
  public var text: String { host.utf8.contains(58) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Who is at the other end of a connection.
public final class Peer: Sendable {
  public let address: SocketAddress
  public let isTLS: Bool
  /// The client certificate in DER, only when it was given and the configured authorities vouch for it.
  public let certificateDER: [UInt8]?
  /// Why a certificate that was given isn't trusted.
  public let certificateProblem: String?

  init(address: SocketAddress, isTLS: Bool, certificateDER: [UInt8]? = nil, certificateProblem: String? = nil) {
    self.address = address
    self.isTLS = isTLS
    self.certificateDER = certificateDER
    self.certificateProblem = certificateProblem
  }
}
