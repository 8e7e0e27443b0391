import HTTPServer
import Objects
import Registry
import Schemas

/// One request on its way through the API. A class, for it is handed on many times and holds two dozen strings.
final class Call: Sendable {
  let request: Request
  let query: Query
  let target: Target
  /// Who asks; after impersonation the one who is impersonated.
  let caller: Caller
  /// What its verb has to say to the audit log; nil where there is none.
  let notes: AuditNotes?

  init(_ request: Request, caller: Caller, notes: AuditNotes? = nil) {
    self.request = request
    self.caller = caller
    self.notes = notes
    query = Query(request.query)
    target = Target(request, query)
  }

  /// The same request in the name of somebody else.
  init(_ call: Call, as caller: Caller) {
    request = call.request
    query = call.query
    target = call.target
    notes = call.notes
    self.caller = caller
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
