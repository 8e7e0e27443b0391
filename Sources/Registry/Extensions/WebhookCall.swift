/// A request to a webhook, without a word of what it is about: how it gets there is a matter of whoever wires the cluster.
public struct WebhookCall: Sendable {
  /// The service behind which the webhook is; its name is also that of the certificate, as `name.namespace.svc`.
  public struct Service: Sendable, Hashable {
    public var namespace: String
    public var name: String
    public var port: Int

    public init(namespace: String, name: String, port: Int) {
      self.namespace = namespace
      self.name = name
      self.port = port
    }
  }

  /// With the query; for services as errors name it.
  public var url: String
  /// nil where the URL itself says where to.
  public var service: Service?
  /// The certificates, in PEM, that the webhook is trusted by; empty for those of the system.
  public var authorities: [UInt8]
  /// JSON, for a POST.
  public var body: [UInt8]
  public var timeout: Duration
}

/// What came back.
public struct WebhookReply: Sendable {
  public var status: Int
  public var body: [UInt8]

  public init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }
}

/// Why nothing came back, in the words of Go's client: `dial tcp 127.0.0.1:1: connect: connection refused`.
public struct WebhookFailure: Error, Sendable, Equatable {
  public var message: String

  public init(_ message: String) { self.message = message }

  public static let timeout = WebhookFailure("context deadline exceeded")
}

/// Who carries calls to webhooks.
public protocol WebhookCaller: Sendable {
  func answer(_ call: WebhookCall) async throws(WebhookFailure) -> WebhookReply
}
