import JSONCore
import Objects
import Values

/// Where a limited list goes on: `{"v":"meta.k8s.io/v1","rv":12,"start":"default/web"}` in base64url without padding.
struct ContinueToken {
  /// The revision of the first page; -1 for "whatever is newest".
  var revision: Int64
  /// The last key of the page before: "namespace/name", or the name of a cluster-scoped object.
  var start: String

  private static let version = "meta.k8s.io/v1"

  init(revision: Int64, start: String) {
    self.revision = revision
    self.start = start
  }

  /// - Throws: 400.
  init(text: String) throws(Status) {
    guard let bytes = Base64.decodeURL(text) else {
      throw .badRequest("invalid continue token: continue key is not valid: illegal base64 data")
    }
    let json: JSON
    do {
      json = try JSON.parse(bytes)
    } catch {
      throw .badRequest("invalid continue token: continue key is not valid: \(error)")
    }
    guard json.text("v") == Self.version else {
      throw .badRequest(
        "invalid continue token: continue key is not valid: server does not recognize this encoded version \(Status.quoted(json.text("v")))"
      )
    }
    let start = json.text("start")
    guard !start.isEmpty else {
      throw .badRequest(
        "invalid continue token: continue key is not valid: encoded start key empty (version \(Self.version))")
    }
    // A forged key could name what is beside the list.
    let isPlain = start.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !["", ".", ".."].contains($0)
    }
    guard isPlain else { throw .badRequest("invalid continue token: continue key is not valid: \(start)") }
    guard let revision = json["rv"]?.int, revision != 0 else {
      throw .badRequest(
        "invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version \(Self.version))"
      )
    }
    self.revision = Int64(revision)
    self.start = start
  }

  var text: String {
    let json: JSON = ["v": .string(Self.version), "rv": .int(revision), "start": .string(start)]
    return Base64.encodeURL(Array(json.text.utf8))
  }
}
