import JSONCore
import Objects
import Values

/// What agnhost's `webhook` and `crd-conversion-webhook` say to the API server: the other side of Kubernetes' own tests of
/// webhooks.
enum WebhookProgram {
  case admission
  case conversion

  /// - Parameter words: of the container's command line; nil when it is another subcommand.
  init?(_ words: [String]) {
    switch words.first(where: { $0 == "webhook" || $0 == "crd-conversion-webhook" }) {
    case "webhook": self = .admission
    case "crd-conversion-webhook": self = .conversion
    default: return nil
    }
  }

  /// How long it takes to answer.
  func delay(_ asked: PortRequest) -> Duration? {
    if asked.path == "/always-allow-delay-5s" { return .seconds(5) }
    guard asked.path == "/pods", let review = asked.review else { return nil }
    let waits = review.at("request", "object", "metadata", "labels", Self.mark)?.string == "wait-forever"
    return waits ? .seconds(3600) : nil
  }

  func answer(_ asked: PortRequest) -> PortResponse {
    if asked.path == "/readyz" { return SimulatedServer.plain("ok") }
    guard let review = asked.review, let request = review["request"] else {
      return SimulatedServer.plain("contentType=, expect application/json\n", status: 400)
    }
    let answer: JSON?
    switch self {
    case .admission: answer = Self.judgement(asked.path, request)
    case .conversion: answer = asked.path == "/crdconvert" ? ConversionProgram.conversion(request) : nil
    }
    guard var response = answer else { return SimulatedServer.plain("404 page not found\n", status: 404) }
    response["uid"] = request["uid"]
    let reply: JSON = ["apiVersion": review["apiVersion"] ?? "", "kind": review["kind"] ?? "", "response": response]
    return SimulatedServer.plain(reply.text, type: "application/json")
  }

  // MARK: admission

  private static let mark = "webhook-e2e-test"

  private static func judgement(_ path: String, _ request: JSON) -> JSON? {
    let object = request["object"] ?? .null
    switch path {
    case "/always-allow-delay-5s": return allowed
    case "/always-deny": return denied("this webhook denies all requests")
    case "/add-label": return labelled(object)
    case "/pods": return pod(object)
    case "/pods/attach": return attachment(request)
    case "/mutating-pods": return mutatedPod(object)
    case "/configmaps": return data(request, "configmap", unwanted: "the configmap contains unwanted key and value")
    case "/custom-resource":
      return data(request, "custom resource", unwanted: "the custom resource contains unwanted data")
    case "/mutating-configmaps", "/mutating-custom-resource": return mutatedData(object)
    case "/crd":
      let isUnwanted = object.at("metadata", "labels", mark)?.string == "webhook-disallow"
      return isUnwanted ? denied("the crd contains unwanted label") : allowed
    default: return nil
    }
  }

  private static let allowed: JSON = ["allowed": true]

  private static func denied(_ why: String) -> JSON {
    ["allowed": false, "status": ["metadata": [:], "message": .string(why)]]
  }

  private static func patched(_ operations: [JSON]) -> JSON {
    guard !operations.isEmpty else { return allowed }
    let patch = Base64.encode(Array(JSON.array(operations).text.utf8))
    return ["allowed": true, "patchType": "JSONPatch", "patch": .string(patch)]
  }

  private static func addition(_ path: String, _ value: JSON) -> JSON {
    ["op": "add", "path": .string(path), "value": value]
  }

  private static func labelled(_ object: JSON) -> JSON {
    guard let labels = object.at("metadata", "labels")?.object, !labels.isEmpty else {
      return patched([addition("/metadata/labels", ["added-label": "yes"])])
    }
    return labels["added-label"] == "yes" ? allowed : patched([addition("/metadata/labels/added-label", "yes")])
  }

  private static func pod(_ object: JSON) -> JSON {
    var complaints: [String] = []
    if object.at("metadata", "labels", mark)?.string == "webhook-disallow" {
      complaints.append("the pod contains unwanted label;")
    }
    for container in object["spec"]?.list("containers") ?? []
    where container.text("name").contains("webhook-disallow") {
      complaints.append("the pod contains unwanted container name;")
    }
    return complaints.isEmpty ? allowed : denied(complaints.joined(separator: " "))
  }

  private static func attachment(_ request: JSON) -> JSON {
    let isMeant =
      request.text("name") == "to-be-attached-pod" && request.at("object", "stdin")?.bool == true
      && request.at("object", "container")?.string == "container1"
    return isMeant ? denied("attaching to pod 'to-be-attached-pod' is not allowed") : allowed
  }

  private static func mutatedPod(_ object: JSON) -> JSON {
    guard object.at("metadata", "name")?.string == "webhook-to-be-mutated" else { return allowed }
    let container: JSON = [
      "image": "webhook-added-image", "name": "webhook-added-init-container", "resources": [:],
    ]
    return patched([addition("/spec/initContainers", [container])])
  }

  private static func data(_ request: JSON, _ what: String, unwanted: String) -> JSON {
    let isDeletion = request.text("operation") == "DELETE"
    let value = request.at(isDeletion ? "oldObject" : "object", "data", mark)?.string
    if isDeletion, value == "webhook-nondeletable" {
      return denied("the \(what) cannot be deleted because it contains unwanted key and value")
    }
    return !isDeletion && value == "webhook-disallow" ? denied(unwanted) : allowed
  }

  private static func mutatedData(_ object: JSON) -> JSON {
    let data = object["data"] ?? .emptyObject
    var operations: [JSON] = []
    if data.text("mutation-start") == "yes" { operations.append(addition("/data/mutation-stage-1", "yes")) }
    if data.text("mutation-stage-1") == "yes" { operations.append(addition("/data/mutation-stage-2", "yes")) }
    return patched(operations)
  }
}

extension PortRequest {
  fileprivate var path: String { String(target.prefix { $0 != "?" }) }

  /// The body as JSON; nil when it is none.
  fileprivate var review: JSON? { try? JSON.parse(body) }
}

/// Custom resources between the two versions of the tests: `hostPort` in one, `host` and `port` in the other.
enum ConversionProgram {
  static func conversion(_ request: JSON) -> JSON {
    let version = request.text("desiredAPIVersion")
    let objects = request.list("objects").map { converted($0, to: version) }
    return ["convertedObjects": .array(objects), "result": ["metadata": [:], "status": "Success"]]
  }

  private static func converted(_ object: JSON, to version: String) -> JSON {
    var result = object
    result["apiVersion"] = .string(version)
    if version.hasSuffix("/v2"), let joined = object["hostPort"]?.string {
      let parts = joined.split(separator: ":", maxSplits: 1).map(String.init)
      result["hostPort"] = nil
      result["host"] = .string(parts.first ?? "")
      result["port"] = .string(parts.count > 1 ? parts[1] : "")
    } else if version.hasSuffix("/v1"), let host = object["host"]?.string, let port = object["port"]?.string {
      result["host"] = nil
      result["port"] = nil
      result["hostPort"] = .string("\(host):\(port)")
    }
    return result
  }
}
