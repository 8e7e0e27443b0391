import HTTPServer
import Objects
import Registry
import Schemas

/// One request on its way through the API.
struct Call: Sendable {
  let request: Request
  let query: Query
  let target: Target
  /// Who asks; after impersonation the one who is impersonated.
  var caller: Caller

  init(_ request: Request, caller: Caller) {
    self.request = request
    self.caller = caller
    query = Query(request.query)
    target = Target(request, query)
  }

  /// The media type of the body without its parameters, in lower case; "" when none is named.
  var contentType: String {
    guard let header = request.header("content-type") else { return "" }
    return MediaType.bare(header)
  }

  /// How bodies are to be indented: asked for, or because a person looks at them.
  var wantsPretty: Bool {
    if let value = query["pretty"], !value.isEmpty { return ["1", "t", "T", "true", "TRUE", "True"].contains(value) }
    guard let agent = request.headerBytes("user-agent") else { return false }
    return agent.starts(with: "curl".utf8) || agent.starts(with: "Wget".utf8) || agent.starts(with: "Mozilla/5.0".utf8)
  }
}
