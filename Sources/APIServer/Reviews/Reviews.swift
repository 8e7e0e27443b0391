import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Values

/// Kinds that are questions: a POST carries one, the answer is the same object with a status. Nothing is stored.
struct Reviews: Sendable {
  let cluster: Cluster
  let authenticator: Authenticator
  /// For whom tokens are meant that name no audience.
  let audience: String

  typealias Review = @Sendable (Reviews, Call, JSON) async throws(Status) -> JSON

  /// By the resource that is posted to.
  static let all: [String: Review] = [
    "selfsubjectaccessreviews": { (reviews, call, body) throws(Status) in try reviews.access(call, body, isSelf: true)
    },
    "subjectaccessreviews": { (reviews, call, body) throws(Status) in try reviews.access(call, body, isSelf: false) },
    "localsubjectaccessreviews": { (reviews, call, body) throws(Status) in
      try reviews.localAccess(call, body)
    },
    "selfsubjectrulesreviews": { (reviews, call, body) throws(Status) in try reviews.rules(call, body) },
    "selfsubjectreviews": { (reviews, call, body) throws(Status) in reviews.identity(call, body) },
    "tokenreviews": { (reviews, call, body) async throws(Status) in await reviews.token(body) },
  ]

  // MARK: - who

  /// `kubectl auth whoami`
  private func identity(_ call: Call, _ body: JSON) -> JSON {
    var result = body
    result["metadata", default: .emptyObject]["creationTimestamp"] = .string(cluster.now.rfc3339)
    result["status"] = ["userInfo": Self.user(call.caller)]
    return result
  }

  private static func user(_ caller: Caller) -> JSON {
    var result: JSON = ["username": .string(caller.name)]
    if !caller.uid.isEmpty { result["uid"] = .string(caller.uid) }
    if !caller.groups.isEmpty { result["groups"] = JSON(caller.groups) }
    if !caller.extra.isEmpty {
      result["extra"] = .object(Members(caller.extra.map { ($0.key, JSON($0.value)) }))
    }
    return result
  }

  /// Whether a token is good, and whose it is.
  private func token(_ body: JSON) async -> JSON {
    var result = body
    let token = body.at("spec", "token")?.string ?? ""
    let wanted = (body["spec"]?.list("audiences") ?? []).compactMap(\.string)
    var status: JSON = ["user": [:], "error": "invalid bearer token"]
    if let caller = authenticator.fixedCaller(token) {
      status = [
        "authenticated": true, "user": Self.user(caller), "audiences": JSON(wanted.isEmpty ? [audience] : wanted),
      ]
    } else if let identity = await authenticator.identify(token), let caller = authenticator.caller(of: identity) {
      let audiences = (wanted.isEmpty ? [audience] : wanted).filter(identity.audiences.contains)
      status =
        audiences.isEmpty
        ? [
          "user": [:],
          "error": .string(
            "token audiences \(identity.audiences.quotedAsInGo) is invalid for the target audiences "
              + (wanted.isEmpty ? [audience] : wanted).quotedAsInGo),
        ]
        : ["authenticated": true, "user": Self.user(caller), "audiences": JSON(audiences)]
    }
    result["status"] = status
    return result
  }

  // MARK: - may they

  private func access(_ call: Call, _ body: JSON, isSelf: Bool, namespace: String? = nil) throws(Status) -> JSON {
    let spec = body["spec"] ?? .emptyObject
    let errors = ReviewCheck(body, isSelf: isSelf, isLocal: namespace != nil).errors
    guard errors.isEmpty else { throw .invalid(kind: "", group: "authorization.k8s.io", name: "", errors) }
    let caller = isSelf ? call.caller : Self.subject(spec)
    let decision = cluster.authorize(Self.attributes(spec, caller))
    var status: JSON = ["allowed": .bool(decision.isAllowed)]
    if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
    var result = body
    result["status"] = status
    return result
  }

  private func localAccess(_ call: Call, _ body: JSON) throws(Status) -> JSON {
    var body = body
    let namespace = call.target.namespace
    body["metadata", default: .emptyObject]["namespace"] = .string(namespace)
    return try access(call, body, isSelf: false, namespace: namespace)
  }

  private static func subject(_ spec: JSON) -> Caller {
    var extra: [String: [String]] = [:]
    for (key, values) in spec["extra"]?.object ?? Members() { extra[key] = (values.array ?? []).compactMap(\.string) }
    return Caller(
      name: spec.text("user"), uid: spec.text("uid"), groups: spec.list("groups").compactMap(\.string), extra: extra)
  }

  private static func attributes(_ spec: JSON, _ caller: Caller) -> Attributes {
    if let plain = spec["nonResourceAttributes"] {
      return Attributes(caller: caller, verb: plain.text("verb"), path: plain.text("path"))
    }
    let wanted = spec["resourceAttributes"] ?? .emptyObject
    return Attributes(
      caller: caller, verb: wanted.text("verb"), group: wanted.text("group"), version: wanted.text("version"),
      resource: wanted.text("resource"), subresource: wanted.text("subresource"), namespace: wanted.text("namespace"),
      name: wanted.text("name"))
  }

  /// `kubectl auth can-i --list`
  private func rules(_ call: Call, _ body: JSON) throws(Status) -> JSON {
    var result = body
    let namespace = body.at("spec", "namespace")?.string ?? ""
    if namespace.isEmpty { throw .badRequest("no namespace on request") }
    // The answer says nothing of what was asked.
    (result["metadata"], result["spec"]) = ([:], [:])
    let (resources, paths) = cluster.rules(of: call.caller, namespace: namespace)
    result["status"] = [
      "resourceRules": .array(resources.map(\.json)), "nonResourceRules": .array(paths.map(\.json)),
      "incomplete": false,
    ]
    return result
  }
}
