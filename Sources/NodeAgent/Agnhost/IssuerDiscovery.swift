import JSONCore
import Values

/// `test-service-account-issuer-discovery`: looks at a token as somebody who knows its issuer would. What the token says is
/// judged; the signature is not, for the issuer cannot be reached from in here.
enum IssuerDiscovery {
  static let programs: [String: SimulatedCommand] = [
    "test-service-account-issuer-discovery": { shell, arguments, world in
      let path = Agnhost.value("token-path", in: arguments) ?? ""
      guard let token = try? world.read(shell.path(path)), !token.isEmpty else {
        return say("open \(path): no such file or directory", code: 1, &shell, &world)
      }
      say("OK: Got token", &shell, &world)
      say("validating with in-cluster discovery", &shell, &world)
      let parts = token.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 3, let body = Base64.decodeURL(String(parts[1])), let claims = try? JSON.parse(body) else {
        return say("go-jose/go-jose: compact JWS format must have three parts", code: 1, &shell, &world)
      }
      let issuer = claims.text("iss")
      say("OK: got issuer \(issuer)", &shell, &world)
      let audience = Agnhost.value("audience", in: arguments) ?? ""
      let audiences = claims.list("aud").compactMap(\.string)
      guard audiences.contains(audience) else {
        let list = audiences.map { "\"\($0)\"" }.joined(separator: " ")
        return say("oidc: expected audience \"\(audience)\" got [\(list)]", code: 1, &shell, &world)
      }
      let end = Instant(seconds: Int64(claims["exp"]?.int ?? 0))
      guard end > world.now else {
        return say("oidc: token is expired (Token Expiry: \(end.rfc3339))", code: 1, &shell, &world)
      }
      say("OK: Constructed OIDC provider for issuer \(issuer)", &shell, &world)
      say("OK: Validated signature on JWT", &shell, &world)
      return say("OK: Got valid claims from token!", &shell, &world)
    }
  ]

  /// As Go's logger writes its lines: `2026/11/21 20:12:00 OK: Got token`.
  @discardableResult
  private static func say(_ text: String, code: Int = 0, _ shell: inout Shell, _ world: inout ShellWorld) -> Int {
    let time = Calendar(world.now).text(["+%Y/%m/%d %T"])
    shell.write("\(time) \(text)\n", to: shell.streams.error, &world)
    return code
  }
}
