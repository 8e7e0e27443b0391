import JSONCore
import Objects
import Values

/// Where a webhook is and whom it has to prove that to (`clientConfig`).
struct WebhookAddress: Sendable {
  private let url: String
  private let service: WebhookCall.Service?
  private let authorities: [UInt8]

  init(_ config: JSON) {
    authorities = Base64.decode(config.text("caBundle")) ?? []
    if let place = config["service"] {
      let target = WebhookCall.Service(
        namespace: place.text("namespace"), name: place.text("name"), port: place["port"]?.int ?? 443)
      service = target
      let path = place.text("path")
      url = "https://\(target.name).\(target.namespace).svc:\(target.port)\(path.hasPrefix("/") ? "" : "/")\(path)"
    } else {
      service = nil
      url = config.text("url")
    }
  }

  /// - Parameter timeout: also told to the webhook; nil for the usual one, which is not.
  func call(_ body: JSON, timeout: Duration?) -> WebhookCall {
    let query = timeout.map { "?timeout=\($0.components.seconds)s" } ?? ""
    return WebhookCall(
      url: url + query, service: service, authorities: authorities, body: Array(body.text.utf8),
      timeout: timeout ?? Self.usualTimeout)
  }

  private static let usualTimeout = Duration.seconds(30)
}

extension Cluster {
  /// The JSON that a webhook answers with.
  /// - Throws: in the words of the stock server's client.
  func answer(of address: WebhookAddress, to body: JSON, timeout: Duration?) async throws(WebhookFailure) -> JSON {
    let call = address.call(body, timeout: timeout)
    guard let caller = configuration.webhooks else { throw WebhookFailure("this server has nobody to call webhooks") }
    let reply: WebhookReply
    do {
      reply = try await caller.answer(call)
    } catch {
      throw WebhookFailure("Post \(Status.quoted(call.url)): \(error.message)")
    }
    guard (200..<300).contains(reply.status) else { throw WebhookFailure(Self.words(reply)) }
    do {
      return try JSON.parse(reply.body)
    } catch {
      throw WebhookFailure("couldn't get version/kind; json parse error: \(error)")
    }
  }

  /// What a client of the stock server says of an answer that is no success.
  private static func words(_ reply: WebhookReply) -> String {
    switch reply.status {
    case 400: return "the server rejected our request for an unknown reason"
    case 401: return "the server has asked for the client to provide credentials"
    case 403: return "unknown"
    case 404: return "the server could not find the requested resource"
    case 405: return "the server does not allow this method on the requested resource"
    case 429: return "the server has received too many requests and has asked us to try again later"
    case 503: return "the server is currently unable to handle the request"
    case 504:
      return "the server was unable to return a response in the time allotted, but may still be processing the request"
    default:
      let text = String(decoding: reply.body.prefix(2048), as: UTF8.self).trimmed
      return
        "an error on the server (\(Status.quoted(text.isEmpty ? "unknown" : text))) has prevented the request from "
        + "succeeding"
    }
  }
}
