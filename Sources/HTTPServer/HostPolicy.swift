/// Keeps web pages from elsewhere out of a server on the user's own machine.
///
/// DNS rebinding: a page of `evil.example` has that name resolve to 127.0.0.1, and then the browser takes our answers for
/// its own; the Host header still says `evil.example`. So over clear text only addresses, names nobody can own in public
/// DNS (`localhost`, names without a dot) and the configured names are answered; with TLS the certificate does the same.
/// Cross-site requests: a browser names the page's origin in Origin; a request that changes something must come from
/// the host it goes to.
public struct HostPolicy: Sendable {
  /// Further names, in lower case, without a port; one that starts with a dot stands for all names below it.
  public var allowedHosts: [String]
  /// Origins, such as `https://console.example`, whose pages may send changes.
  public var allowedOrigins: [String]
  /// False lets every request through.
  public var isEnabled = true

  public init(allowedHosts: [String] = [], allowedOrigins: [String] = []) {
    self.allowedHosts = allowedHosts
    self.allowedOrigins = allowedOrigins
  }

  /// Why the request is refused with 403; nil when it isn't.
  func objection(to request: Request) -> String? {
    guard isEnabled else { return nil }
    let authority = request.headerBytes("host")
    if !request.isTLS, let authority, !allows(host: authority) {
      return "the host name \"\(String(decoding: authority, as: UTF8.self))\" is not one of this server's names"
    }
    let isChange = !request.method.isSafe || request.headerBytes("upgrade") != nil
    if isChange, let origin = request.header("origin"), !allows(origin: origin, authority: authority) {
      return "requests from pages of \"\(origin)\" are not allowed"
    }
    return nil
  }

  private func allows(host authority: ArraySlice<UInt8>) -> Bool {
    guard let name = Self.name(of: authority) else { return true }
    if !name.contains(UInt8(ascii: ".")) { return true }
    let text = String(decoding: name.map(\.asciiLowercased), as: UTF8.self)
    if text.hasSuffix(".localhost") { return true }
    return allowedHosts.contains { $0.hasPrefix(".") ? text.hasSuffix($0) : text == $0 }
  }

  private func allows(origin: String, authority: ArraySlice<UInt8>?) -> Bool {
    if allowedOrigins.contains(origin) { return true }
    guard let authority, let scheme = ["http://", "https://"].first(where: { origin.hasPrefix($0) }) else {
      return false
    }
    let standardPort = scheme == "http://" ? ":80" : ":443"
    func bare(_ text: String) -> String {
      text.hasSuffix(standardPort) ? String(text.dropLast(standardPort.count)) : text
    }
    let host = String(decoding: authority, as: UTF8.self).lowercased()
    return bare(String(origin.dropFirst(scheme.count)).lowercased()) == bare(host)
  }

  /// The name in `name:port`; nil when it is a numeric address.
  private static func name(of authority: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    if authority.first == UInt8(ascii: "[") { return nil }
    var name = authority.prefix { $0 != UInt8(ascii: ":") }
    if name.last == UInt8(ascii: ".") { name = name.dropLast() }
    let isNumeric = name.allSatisfy { ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: ".") }
    return isNumeric ? nil : name
  }
}
