import Values

/// A request over HTTPS, and how it is to get there.
public struct ClientRequest: Sendable {
  public var method: String
  public var address: WebURL
  /// Where to connect, when that is not what the address names.
  public var place: (host: String, port: Int)?
  /// Beside `host`, `content-length` and `connection`.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  /// The certificates, in PEM, that the server is trusted by; empty for those of the system.
  public var authorities: [UInt8]
  /// For all of it, from looking up the name to the last byte.
  public var timeout: Duration

  public init(
    _ method: String = "POST", _ address: WebURL, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    authorities: [UInt8] = [], timeout: Duration = .seconds(30)
  ) {
    self.method = method
    self.address = address
    self.headers = headers
    self.body = body
    self.authorities = authorities
    self.timeout = timeout
  }
}

public struct ClientResponse: Sendable, Equatable {
  public var status: Int
  public var body: [UInt8]
}

/// Why there is no response, in the words of Go's client: `dial tcp 127.0.0.1:1: connect: connection refused`.
public struct ClientError: Error, Sendable, Equatable {
  public var message: String

  init(_ message: String) { self.message = message }

  static let timeout = ClientError("context deadline exceeded")
  static let ended = ClientError("EOF")
}

/// An address that begins with `https://`.
public struct WebURL: Sendable, Equatable {
  /// Without the brackets of an IPv6 address.
  public var host: String
  public var port: Int
  /// The path and the query, as they are sent.
  public var target: String

  /// nil for what is none, or has a user in it.
  public init?(_ text: String) {
    let scheme = "https://"
    guard text.hasPrefix(scheme) else { return nil }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    target = String(rest.dropFirst(authority.count).prefix { $0 != "#" })
    if !target.hasPrefix("/") { target = "/" + target }
    var name = authority
    var number: Substring?
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      name = authority[authority.index(after: authority.startIndex)..<end]
      let tail = authority[authority.index(after: end)...]
      guard tail.isEmpty || tail.hasPrefix(":") else { return nil }
      number = tail.isEmpty ? nil : tail.dropFirst()
    } else if let colon = authority.lastIndex(of: ":") {
      name = authority[..<colon]
      number = authority[authority.index(after: colon)...]
    }
    guard !name.isEmpty, !name.contains("@"), target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }),
      name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
    else { return nil }
    host = String(name)
    if let number, !number.isEmpty {
      guard let value = Int(number), (1...65535).contains(value) else { return nil }
      port = value
    } else {
      port = 443
    }
  }

  /// As a `host` header and errors name it.
  var authority: String { (host.contains(":") ? "[\(host)]" : host) + (port == 443 ? "" : ":\(port)") }
}
