import HTTPServer
import JSONCore
import Objects
import Schemas

/// `GET /swiftlet/v1/explain?search=WORDS&limit=N`: the kinds and fields that the words are about. A path of our own, which no
/// stock client asks for; whoever may read the schema may search it.
struct ExplainRoute: Sendable {
  let api: OpenAPI
  let reply: Reply

  static let path = "/swiftlet/v1/explain"
  /// Longer texts are not what somebody typed.
  private static let searchBytes = 128
  private static let usualLimit = 50
  private static let maximumLimit = 500

  /// nil for other paths.
  func answer(_ call: Call) throws(Status) -> Answer? {
    guard call.target.path == Self.path else { return nil }
    guard call.request.method == .get || call.request.method == .head else { throw .methodNotAllowed() }
    let text = call.query.text("search")
    guard !text.isEmpty, text.utf8.count <= Self.searchBytes else {
      throw .badRequest("search: must have 1 to \(Self.searchBytes) bytes")
    }
    let limit = min(max(try call.number("limit") ?? Self.usualLimit, 1), Self.maximumLimit)
    let (api, reply, isPretty, request) = (api, reply, call.wantsPretty, call.request)
    return .later {
      // Thousands of sentences are read: not while other requests wait for this loop.
      let (total, found) = await Task.detached { api.search(text, limit: limit) }.value
      let results = JSON.array(found.map(Self.json))
      return reply.json(
        ["search": .string(text), "total": JSON(total), "results": results], isPretty: isPretty, request)
    }
  }

  private static func json(_ found: FoundField) -> JSON {
    var result = json(found.place)
    result["type"] = .string(found.line.type)
    result["required"] = .bool(found.line.isRequired)
    result["documentation"] = .string(found.line.documentation)
    result["hasFields"] = .bool(found.line.hasFields)
    result["also"] = .array(found.others.map(json))
    if let value = found.line.defaultValue { result["default"] = value }
    if !found.line.allowedValues.isEmpty { result["enum"] = JSON(found.line.allowedValues) }
    return result
  }

  private static func json(_ place: FoundField.Place) -> JSON {
    [
      "group": .string(place.kind.group), "version": .string(place.kind.version), "kind": .string(place.kind.kind),
      "path": JSON(place.path),
    ]
  }
}
