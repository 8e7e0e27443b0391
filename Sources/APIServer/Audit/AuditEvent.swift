import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Values

/// One `Event` of `audit.k8s.io/v1`.
struct AuditEvent: Sendable {
  let request: AuditedRequest
  let stage: AuditPolicy.Stage
  let response: AuditedResponse?
  let impersonated: Caller?
  let annotations: [String: String]
  let time: Instant

  /// The event as JSON, with the end of the line.
  var line: Blob {
    var out = ByteBuffer(capacity: 1024)
    out.append(text: json.text)
    out.append("\n")
    return out.blob()
  }

  var json: JSON {
    let http = request.call.request
    var result: JSON = [
      "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": .string(request.decision.level.rawValue),
      "auditID": .string(request.id), "stage": .string(stage.rawValue), "requestURI": .string(Self.uri(http)),
      "verb": .string(request.call.target.verb), "user": Self.user(request.call.caller),
      "sourceIPs": JSON(Self.addresses(http)), "requestReceivedTimestamp": .string(request.received.rfc3339Micro),
      "stageTimestamp": .string(time.rfc3339Micro),
    ]
    if let agent = http.header("user-agent"), !agent.isEmpty { result["userAgent"] = .string(agent) }
    if let impersonated { result["impersonatedUser"] = Self.user(impersonated) }
    if !annotations.isEmpty { result["annotations"] = JSON(annotations) }
    // What was asked is known only when somebody has looked at it.
    let body = stage == .requestReceived ? nil : requestObject
    if request.call.target.isResource { result["objectRef"] = reference(body) }
    if request.decision.level >= .request, let body { result["requestObject"] = trimmed(body) }
    addResponse(to: &result)
    return result
  }

  // MARK: - the request

  private static func uri(_ request: Request) -> String {
    let path = String(decoding: request.path, as: UTF8.self)
    return request.query.isEmpty ? path : "\(path)?\(String(decoding: request.query, as: UTF8.self))"
  }

  private static func user(_ caller: Caller) -> JSON {
    var result: JSON = [:]
    if !caller.name.isEmpty { result["username"] = .string(caller.name) }
    if !caller.uid.isEmpty { result["uid"] = .string(caller.uid) }
    if !caller.groups.isEmpty { result["groups"] = JSON(caller.groups) }
    if !caller.extra.isEmpty { result["extra"] = .object(Members(caller.extra.map { ($0.key, JSON($0.value)) })) }
    return result
  }

  /// Those that the request came through, and the one that it came from.
  private static func addresses(_ request: Request) -> [String] {
    let forwarded = (request.header("x-forwarded-for") ?? "").split(separator: ",").map { address in
      String(address.drop(while: \.isWhitespace))
    }
    let real = request.header("x-real-ip").map { [$0] } ?? []
    return (forwarded.isEmpty ? real : forwarded) + [request.remote.host]
  }

  private var requestObject: JSON? {
    let call = request.call
    guard call.target.isResource, !call.request.body.isEmpty else { return nil }
    if call.target.verb == "patch" {
      if call.contentType.hasSuffix("yaml") { return try? YAML.read(call.request.body).json }
      return try? Call.json(call.request.body).json
    }
    let isDeletion = call.target.verb.hasPrefix("delete")
    let type = isDeletion ? Self.deleteOptions : request.kind?.groupVersionKind ?? Self.deleteOptions
    return try? call.decoded(as: type).json
  }

  private static let deleteOptions = GroupVersionKind(group: "", version: "v1", kind: "DeleteOptions")

  private func reference(_ body: JSON?) -> JSON {
    let target = request.call.target
    let isWrite = ["create", "update"].contains(target.verb)
    let metadata = isWrite ? body?["metadata"] ?? .emptyObject : .emptyObject
    let name = target.name.isEmpty ? metadata.text("name") : target.name
    let fields = [
      ("resource", target.resource), ("subresource", target.subresource), ("namespace", target.namespace),
      ("name", name), ("uid", metadata.text("uid")), ("apiGroup", target.group), ("apiVersion", target.version),
      ("resourceVersion", metadata.text("resourceVersion")),
    ]
    return .object(Members(fields.filter { !$0.1.isEmpty }.map { ($0.0, .string($0.1)) }))
  }

  // MARK: - the response

  private func addResponse(to result: inout JSON) {
    guard let response else { return }
    var status: JSON = ["metadata": [:], "code": JSON(response.code)]
    let isFailure = response.code >= 400
    let wantsBody = request.decision.level >= .requestResponse && request.call.target.isResource
    if isFailure || wantsBody, let body = object(response) {
      if isFailure, body.text("kind") == "Status" {
        for field in ["status", "message", "reason", "details"] { status[field] = body[field] }
      }
      if wantsBody { result["responseObject"] = trimmed(body) }
    }
    result["responseStatus"] = status
  }

  /// The body as JSON; nil when it is something else.
  private func object(_ response: AuditedResponse) -> JSON? {
    var bytes: [UInt8] = []
    switch response.body {
    case .empty: return nil
    case .blob(let blob): bytes = Array(blob.bytes)
    case .chunks(let chunks): for chunk in chunks { bytes += chunk.bytes }
    }
    if bytes.starts(with: Self.protobufMagic) {
      guard let type = request.kind?.groupVersionKind else { return nil }
      return bytes.withUnsafeBufferPointer { bytes in
        (try? ProtobufCodec.decode(bytes, catalog: .builtIn, expected: type))?.json
      }
    }
    if bytes.first != UInt8(ascii: "{") { return nil }
    return try? Call.json(bytes).json
  }

  private static let protobufMagic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

  private func trimmed(_ object: JSON) -> JSON {
    guard request.decision.omitsManagedFields else { return object }
    func bare(_ object: JSON) -> JSON {
      guard object["metadata"]?["managedFields"] != nil else { return object }
      var result = object
      result["metadata", default: .emptyObject]["managedFields"] = nil
      return result
    }
    var result = bare(object)
    if let items = object["items"]?.array { result["items"] = .array(items.map(bare)) }
    return result
  }
}
