import HTTPServer
import JSONCore
import Objects
import Registry
import Values

/// Documents that are about the server rather than about resources.
struct PlainRoutes: Sendable {
  let cluster: Cluster
  let configuration: APIConfiguration
  let reply: Reply

  /// nil for other paths.
  func answer(_ call: Call) -> Answer? {
    guard call.request.method == .get || call.request.method == .head else { return nil }
    let parts = call.target.parts
    switch parts.first {
    case nil: return root(call)
    case "version" where parts.count == 1:
      return .now(reply.json(configuration.version.json, isPretty: call.wantsPretty, call.request))
    case "healthz", "livez", "readyz": return .now(health(parts, call))
    case "metrics" where parts.count == 1:
      return .now(
        reply.document(configuration.metrics.text(), "text/plain; version=0.0.4; charset=utf-8", call.request))
    case ".well-known" where call.target.path == "/.well-known/openid-configuration":
      return .now(reply.json(openIDConfiguration, call.request))
    case "openid" where call.target.path == "/openid/v1/jwks":
      return keySet(call)
    default: return nil
    }
  }

  /// As a task, for the first answer takes the time of making a key.
  private func keySet(_ call: Call) -> Answer {
    .later { [self] in
      do throws(Status) {
        return reply.document(Blob(try configuration.keys.document()), "application/jwk-set+json", call.request)
      } catch {
        return reply.error(error, call.request)
      }
    }
  }

  /// Browsers get the dashboard, programs the list of paths.
  private func root(_ call: Call) -> Answer {
    if Self.wantsPage(call), let page = configuration.files?.answer(call.request) { return .now(page) }
    return .now(reply.json(["paths": JSON(paths)], isPretty: call.wantsPretty, call.request))
  }

  static func wantsPage(_ call: Call) -> Bool { call.request.header("accept")?.contains("text/html") ?? false }

  private var paths: [String] {
    var paths: Set<String> = [
      "/.well-known/openid-configuration", "/api", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2",
      "/openapi/v3",
      "/openid/v1/jwks", "/readyz", "/version",
    ]
    for kind in cluster.catalog.kinds {
      if kind.group.isEmpty {
        paths.insert("/api/\(kind.version)")
      } else {
        paths.insert("/apis/\(kind.group)")
        paths.insert("/apis/\(kind.group)/\(kind.version)")
      }
    }
    for check in checks { paths.formUnion(["/healthz/", "/livez/", "/readyz/"].map { $0 + check.name }) }
    return paths.sorted()
  }

  private var openIDConfiguration: JSON {
    [
      "issuer": .string(configuration.issuer), "jwks_uri": .string(configuration.issuer + "/openid/v1/jwks"),
      "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
      "id_token_signing_alg_values_supported": JSON(configuration.keys.algorithms),
    ]
  }

  // MARK: - health

  private var checks: [(name: String, isGood: @Sendable () -> Bool)] {
    // Answering at all is what the first asks for; the log and the store, which goes by the name that monitors know, are
    // there as long as the process is.
    ["ping", "log", "etcd"].map { (name: $0, isGood: { @Sendable in true }) } + configuration.checks
  }

  private func health(_ parts: [String], _ call: Call) -> Response {
    let endpoint = parts[0]
    if parts.count == 2 {
      guard let check = checks.first(where: { $0.name == parts[1] }) else { return reply.notFound(call.request) }
      return check.isGood()
        ? reply.text("ok", call.request)
        : reply.text("internal server error: \(check.name) failed\n", status: 500, call.request)
    }
    guard parts.count == 1 else { return reply.notFound(call.request) }
    let excluded = Set(call.query.all("exclude"))
    var lines = ""
    var isGood = true
    for check in checks {
      if excluded.contains(check.name) {
        lines += "[+]\(check.name) excluded: ok\n"
      } else if check.isGood() {
        lines += "[+]\(check.name) ok\n"
      } else {
        lines += "[-]\(check.name) failed: reason withheld\n"
        isGood = false
      }
    }
    let strange = excluded.filter { name in !checks.contains { $0.name == name } }.sorted().map(Status.quoted)
    if !strange.isEmpty {
      lines += "warn: some health checks cannot be excluded: no matches for \(strange.joined(separator: ", "))\n"
    }
    guard isGood else { return reply.text(lines + "\(endpoint) check failed\n", status: 500, call.request) }
    return call.query["verbose"] == nil
      ? reply.text("ok", call.request) : reply.text(lines + "\(endpoint) check passed\n", call.request)
  }
}
