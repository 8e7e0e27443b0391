import HTTPServer
import Objects
import Registry

/// Acting as somebody else, by headers: whoever may.
/// Source of the rules: "User impersonation" of the Kubernetes documentation, with the constrained form of 1.36.
struct Impersonation {
  let cluster: Cluster

  /// The caller that the headers name; nil when there are none.
  /// - Throws: 400, 403.
  func caller(_ call: Call) throws(Status) -> Caller? {
    guard call.request.hasHeader(startingWith: "impersonate-"), let wanted = try Self.wanted(call.request) else {
      return nil
    }
    if !call.caller.isMaster { try check(call, wanted) }
    return wanted
  }

  private static func wanted(_ request: Request) throws(Status) -> Caller? {
    let user = request.header("impersonate-user") ?? ""
    let groups = request.headers("impersonate-group").filter { !$0.isEmpty }
    let uid = request.header("impersonate-uid") ?? ""
    var extra: [String: [String]] = [:]
    if request.hasHeader(startingWith: "impersonate-extra-") {
      let prefix = "impersonate-extra-"
      for (name, value) in request.allHeaders where name.hasPrefix(prefix) {
        let bytes = Array(name.utf8.dropFirst(prefix.utf8.count))
        extra[(percentDecoded(bytes[...]) ?? "").lowercased(), default: []].append(value)
      }
    }
    if user.isEmpty {
      guard groups.isEmpty, uid.isEmpty, extra.isEmpty else {
        throw .badRequest("requested \(groups + extra.keys.sorted()) without impersonating a user")
      }
      return nil
    }
    return Caller(name: user, uid: uid, groups: completed(groups, user), extra: extra)
  }

  /// Everybody but the anonymous user is authenticated; service accounts have groups of their own.
  private static func completed(_ groups: [String], _ user: String) -> [String] {
    var groups = groups
    if groups.isEmpty, let (namespace, _) = serviceAccount(user) {
      groups = ["system:serviceaccounts", "system:serviceaccounts:" + namespace]
    }
    if user == Caller.anonymous.name {
      if !groups.contains("system:unauthenticated") { groups.append("system:unauthenticated") }
    } else if !groups.contains("system:authenticated") {
      groups.append("system:authenticated")
    }
    return groups
  }

  private static func serviceAccount(_ user: String) -> (namespace: String, name: String)? {
    let parts = user.split(separator: ":")
    guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount" else { return nil }
    return (String(parts[2]), String(parts[3]))
  }

  /// - Throws: 403 unless the caller may be each part of whom it wants to be.
  private func check(_ call: Call, _ wanted: Caller) throws(Status) {
    let requests = Self.requests(call.caller, wanted)
    if requests.allSatisfy({ cluster.authorize($0).isAllowed }) { return }
    // The newer way: a right to be that user, and a right to do just this as somebody else. Of service accounts and nodes
    // it speaks with verbs of their own, which nobody is granted here.
    guard Self.serviceAccount(wanted.name) == nil, !wanted.name.hasPrefix("system:node:") else {
      throw requests.first { !cluster.authorize($0).isAllowed }?.refusal ?? call.attributes.refusal
    }
    var action = call.attributes
    action.verb = "impersonate-on:user-info:" + action.verb
    guard cluster.authorize(action).isAllowed else { throw action.refusal }
    for var request in requests {
      request.verb = "impersonate:user-info"
      request.group = "authentication.k8s.io"
      guard cluster.authorize(request).isAllowed else { throw request.refusal }
    }
  }

  private static func requests(_ caller: Caller, _ wanted: Caller) -> [Attributes] {
    func attributes(_ resource: String, _ name: String, namespace: String = "", group: String = "", sub: String = "")
      -> Attributes
    {
      Attributes(
        caller: caller, verb: "impersonate", group: group, resource: resource, subresource: sub, namespace: namespace,
        name: name)
    }
    var result: [Attributes] = []
    if let account = serviceAccount(wanted.name) {
      result.append(attributes("serviceaccounts", account.name, namespace: account.namespace))
    } else {
      result.append(attributes("users", wanted.name))
    }
    let implied = completed([], wanted.name)
    for group in wanted.groups where !implied.contains(group) { result.append(attributes("groups", group)) }
    if !wanted.uid.isEmpty { result.append(attributes("uids", wanted.uid, group: "authentication.k8s.io")) }
    for (key, values) in wanted.extra {
      for value in values {
        result.append(attributes("userextras", value, group: "authentication.k8s.io", sub: key))
      }
    }
    return result
  }
}

extension Call {
  /// What authorization judges.
  var attributes: Attributes {
    guard target.isResource else {
      let path = target.path == ExplainRoute.path ? "/openapi/v3" : target.path
      return Attributes(caller: caller, verb: target.verb, path: path)
    }
    return Attributes(
      caller: caller, verb: target.verb, group: target.group, version: target.version, resource: target.resource,
      subresource: target.subresource, namespace: target.namespace, name: target.name)
  }
}

extension Request {
  /// Whether any header's name begins so; spares most requests the work of making all of them Strings.
  fileprivate func hasHeader(startingWith prefix: String) -> Bool {
    headerBytes("impersonate-user") != nil && allHeaders.contains { $0.name.hasPrefix(prefix) }
  }
}
