import Objects

/// What somebody wants to do, as authorisation sees it.
public struct Attributes: Sendable, Hashable {
  public var caller: Caller
  /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, …; of a plain path the HTTP method in
  /// small letters.
  public var verb: String
  public var group: String
  public var version: String
  /// The plural name; "" for a plain path.
  public var resource: String
  public var subresource: String
  public var namespace: String
  public var name: String
  /// The plain path, for requests that are not about a resource.
  public var path: String?

  /// For a resource.
  public init(
    caller: Caller, verb: String, group: String, version: String = "", resource: String, subresource: String = "",
    namespace: String = "", name: String = ""
  ) {
    self.caller = caller
    self.verb = verb
    self.group = group
    self.version = version
    self.resource = resource
    self.subresource = subresource
    self.namespace = namespace
    self.name = name
    self.path = nil
  }

  /// For a plain path, such as `/metrics`.
  public init(caller: Caller, verb: String, path: String) {
    self.init(caller: caller, verb: verb, group: "", resource: "")
    self.path = path
  }

  /// `pods`, `pods/log`
  var combinedResource: String { subresource.isEmpty ? resource : "\(resource)/\(subresource)" }

  /// The 403 that tells the caller no.
  public var refusal: Status {
    let user = Status.quoted(caller.name)
    if let path {
      return .forbidden(GroupResource("", ""), "", "User \(user) cannot \(verb) path \(Status.quoted(path))")
    }
    let scope = namespace.isEmpty ? "at the cluster scope" : "in the namespace \(Status.quoted(namespace))"
    return .forbidden(
      GroupResource(group, resource), name,
      "User \(user) cannot \(verb) resource \(Status.quoted(combinedResource)) in API group \(Status.quoted(group)) \(scope)"
    )
  }
}

/// The answer of authorisation.
public struct Decision: Sendable, Hashable {
  public var isAllowed: Bool
  /// What allowed it, or what went wrong while looking; may be empty.
  public var reason: String

  public init(isAllowed: Bool, reason: String = "") {
    self.isAllowed = isAllowed
    self.reason = reason
  }
}
