import Glibc

/// What a server is made of.
public struct Configuration: Sendable {
  public var listeners: [Listener]
  /// Connection loops; more than the cores have no use.
  public var loopCount: Int
  public var limits = Limits()
  public var hosts = HostPolicy()
  /// The body of an answer that the server itself gives (400, 403, 408, 413, 431, …), in the API's own form.
  public var errorBody: @Sendable (_ status: Int, _ message: String) -> Response = { .text($0, $1) }

  public init(listeners: [Listener], loopCount: Int = Configuration.coreCount) {
    self.listeners = listeners
    self.loopCount = loopCount
  }

  /// The machine's cores, at most 8.
  public static var coreCount: Int { min(8, max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))) }
}

public struct Listener: Sendable {
  /// A numeric IPv4 or IPv6 address; `::` takes IPv4 connections as well.
  public var host: String
  /// 0 lets the system pick.
  public var port: Int
  /// Clear text when nil.
  public var tls: TLSConfiguration?

  public init(host: String, port: Int, tls: TLSConfiguration? = nil) {
    self.host = host
    self.port = port
    self.tls = tls
  }
}

public struct TLSConfiguration: Sendable {
  /// The server's certificate and after it the intermediate ones.
  public var certificateChainPEM: [UInt8]
  public var privateKeyPEM: [UInt8]
  /// Authorities for client certificates. When given, clients are asked for one but may come without.
  public var clientAuthoritiesPEM: [UInt8]?
  /// Whether a client's certificate must be valid now by the machine's clock; otherwise the handler judges its times.
  public var checksClientTimes = true

  public init(certificateChainPEM: [UInt8], privateKeyPEM: [UInt8], clientAuthoritiesPEM: [UInt8]? = nil) {
    self.certificateChainPEM = certificateChainPEM
    self.privateKeyPEM = privateKeyPEM
    self.clientAuthoritiesPEM = clientAuthoritiesPEM
  }
}

/// Why a server doesn't start.
public enum ServerError: Error, CustomStringConvertible {
  case cannotListen(host: String, port: Int, reason: String)
  case badCertificate(String)
  case system(String)

  public var description: String {
    switch self {
    case .cannotListen(let host, let port, let reason): "cannot listen on \(host) port \(port): \(reason)"
    case .badCertificate(let reason): "TLS certificate: \(reason)"
    case .system(let reason): reason
    }
  }
}
