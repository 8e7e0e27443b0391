import JSONCore
import Objects
import Schemas
import Values

/// The conversation with a webhook, as plain functions (`AdmissionReview` of admission.k8s.io).
enum AdmissionReview {
  static func question(_ request: AdmissionRequest, as kind: Kind, _ version: String, uid: String) -> JSON {
    var asked = request.json(as: kind)
    asked["uid"] = .string(uid)
    asked["object"] = request.object ?? .null
    asked["oldObject"] = request.old ?? .null
    return ["apiVersion": .string("admission.k8s.io/\(version)"), "kind": "AdmissionReview", "request": asked]
  }

  /// What a webhook says.
  struct Answer {
    /// nil when it lets the request pass.
    var refusal: Status?
    /// Operations on the object (RFC 6902); nil for none.
    var patch: JSON?
    var warnings: [String] = []
    var notes: [String: String] = [:]
  }

  /// Why an answer counts for nothing.
  struct Fault: Error {
    let message: String
  }

  /// - Parameter mutates: whether a patch is looked at.
  static func answer(
    _ json: JSON, to uid: String, _ webhook: Webhook, mutates: Bool
  ) throws(Fault) -> Answer {
    let isOld = webhook.reviewVersion == "v1beta1"
    if !isOld || json["apiVersion"] != nil {
      let wanted = "admission.k8s.io/\(webhook.reviewVersion)"
      guard json.text("apiVersion") == wanted, json.text("kind") == "AdmissionReview" else {
        let found = "\(json.text("apiVersion").isEmpty ? "/" : json.text("apiVersion")), Kind=\(json.text("kind"))"
        throw Fault(message: "expected webhook response of \(wanted), Kind=AdmissionReview, got \(found)")
      }
    }
    guard let response = json["response"], response.object != nil else {
      throw Fault(message: "webhook response was absent")
    }
    if !isOld, response.text("uid") != uid {
      throw Fault(
        message: "expected response.uid=\(Status.quoted(uid)), got \(Status.quoted(response.text("uid")))")
    }
    var answer = Answer()
    if mutates { answer.patch = try patch(response, isOld: isOld) }
    answer.warnings = response.list("warnings").compactMap(\.string)
    for (key, value) in response.strings("auditAnnotations") { answer.notes["\(webhook.name)/\(key)"] = value }
    if response["allowed"]?.bool != true { answer.refusal = refusal(response["status"], webhook.name) }
    return answer
  }

  private static func patch(_ response: JSON, isOld: Bool) throws(Fault) -> JSON? {
    let text = response.text("patch")
    let type = response["patchType"]?.string
    if text.isEmpty {
      if type != nil, !isOld { throw Fault(message: "webhook returned response.patchType but not response.patch") }
      return nil
    }
    if type == nil, !isOld { throw Fault(message: "webhook returned response.patch but not response.patchType") }
    if let type, type != "JSONPatch" {
      throw Fault(message: "webhook returned invalid response.patchType of \(Status.quoted(type))")
    }
    guard let bytes = Base64.decode(text) else {
      throw Fault(message: "illegal base64 data in response.patch")
    }
    do { return try JSON.parse(bytes) } catch { throw Fault(message: "\(error)") }
  }

  private static func refusal(_ status: JSON?, _ name: String) -> Status {
    let denied = "admission webhook \(Status.quoted(name)) denied the request"
    let code = status?["code"]?.int ?? 0
    let reason = status?.text("reason") ?? ""
    let message = status?.text("message") ?? ""
    let words =
      !message.isEmpty
      ? "\(denied): \(message)" : !reason.isEmpty ? "\(denied): \(reason)" : "\(denied) without explanation"
    return Status(
      code: (400..<600).contains(code) ? code : 400, reason: reason, message: words,
      details: status?["details"].map(details))
  }

  private static func details(_ json: JSON) -> Status.Details {
    Status.Details(
      name: json.text("name"), group: json.text("group"), kind: json.text("kind"), uid: json.text("uid"),
      causes: json.list("causes").map {
        Status.Cause(reason: $0.text("reason"), message: $0.text("message"), field: $0.text("field"))
      }, retryAfterSeconds: json["retryAfterSeconds"]?.int ?? 0)
  }
}
