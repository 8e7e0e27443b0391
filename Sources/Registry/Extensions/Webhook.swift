import JSONCore
import Objects
import Schemas
import Validation

/// A webhook of a configuration in force.
struct Webhook: Sendable {
  /// The object that it stands in.
  let configuration: String
  let name: String
  let match: MatchRules
  let expressions: PolicyExpressions
  /// A webhook that cannot be asked refuses (`failurePolicy: Fail`).
  let isStrict: Bool
  let address: WebhookAddress
  let timeout: Duration
  /// The version of AdmissionReview that both sides know.
  let reviewVersion: String
  /// Whether asking it changes something elsewhere, which a dry run must not.
  let hasSideEffects: Bool
  /// Whether it is asked once more when others change the object after it.
  let isReinvoked: Bool

  private init(_ json: JSON, of configuration: String) {
    self.configuration = configuration
    name = json.text("name")
    match = MatchRules(json)
    expressions = PolicyExpressions(webhook: json, at: .root)
    isStrict = json.text("failurePolicy") != "Ignore"
    address = WebhookAddress(json["clientConfig"] ?? .emptyObject)
    timeout = .seconds(json["timeoutSeconds"]?.int ?? 10)
    let versions = json.list("admissionReviewVersions").compactMap(\.string)
    reviewVersion = versions.first { $0 == "v1" || $0 == "v1beta1" } ?? "v1"
    hasSideEffects = !["None", "NoneOnDryRun"].contains(json.text("sideEffects"))
    isReinvoked = json.text("reinvocationPolicy") == "IfNeeded"
  }

  /// In the order of their configurations' names.
  static func all(_ snapshot: Snapshot, _ resource: GroupResource) -> [Webhook] {
    snapshot.objects(resource).flatMap { object in
      object.json.list("webhooks").map { Webhook($0, of: object.name) }
    }
  }

  /// What the client is told when the webhook could not be asked.
  func failure(_ why: String) -> Status {
    .internalError("failed calling webhook \(Status.quoted(name)): \(why)")
  }
}
