import JSONCore

/// The errors that stock clients and tests match by their words.
extension Status {
  public static func notFound(_ resource: GroupResource, _ name: String) -> Status {
    Status(
      code: 404, reason: "NotFound", message: "\(resource) \(quoted(name)) not found",
      details: Details(name: name, group: resource.group, kind: resource.resource))
  }

  /// The path itself is unknown.
  public static var noSuchPath: Status {
    Status(
      code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: Details())
  }

  public static func alreadyExists(_ resource: GroupResource, _ name: String) -> Status {
    Status(
      code: 409, reason: "AlreadyExists", message: "\(resource) \(quoted(name)) already exists",
      details: Details(name: name, group: resource.group, kind: resource.resource))
  }

  public static func conflict(_ resource: GroupResource, _ name: String, _ why: String) -> Status {
    Status(
      code: 409, reason: "Conflict", message: "Operation cannot be fulfilled on \(resource) \(quoted(name)): \(why)",
      details: Details(name: name, group: resource.group, kind: resource.resource))
  }

  /// An update that names an older resourceVersion than the stored one.
  public static func stale(_ resource: GroupResource, _ name: String) -> Status {
    conflict(
      resource, name,
      "the object has been modified; please apply your changes to the latest version and try again")
  }

  public static func forbidden(_ resource: GroupResource, _ name: String, _ why: String) -> Status {
    let subject =
      resource.resource.isEmpty ? "forbidden" : "\(resource)\(name.isEmpty ? "" : " " + quoted(name)) is forbidden"
    return Status(
      code: 403, reason: "Forbidden", message: "\(subject): \(why)",
      details: Details(name: name, group: resource.group, kind: resource.resource))
  }

  public static func badRequest(_ message: String) -> Status {
    Status(code: 400, reason: "BadRequest", message: message)
  }

  public static var unauthorized: Status {
    Status(code: 401, reason: "Unauthorized", message: "Unauthorized")
  }

  public static func methodNotAllowed(
    _ message: String = "the server does not allow this method on the requested resource"
  )
    -> Status
  {
    Status(code: 405, reason: "MethodNotAllowed", message: message, details: Details())
  }

  public static func notImplemented(_ message: String) -> Status {
    Status(code: 501, reason: "NotImplemented", message: message)
  }

  public static func internalError(_ message: String) -> Status {
    Status(
      code: 500, reason: "InternalError", message: "Internal error occurred: \(message)",
      details: Details(causes: [Cause(reason: "", message: message)]))
  }

  /// A resourceVersion or continue token whose history is gone.
  public static func expired(_ message: String) -> Status {
    Status(code: 410, reason: "Expired", message: message)
  }

  /// The most faults of one object that are told.
  public static let maximumCauses = 100

  /// 422 with one cause for each field error, up to `maximumCauses`.
  /// - Parameter kind: `Pod`, `Deployment.apps`: kind and group as they stand in the message.
  public static func invalid(kind: String, group: String, name: String, _ errors: [FieldError]) -> Status {
    let subject = group.isEmpty ? kind : "\(kind).\(group)"
    let errors = errors.prefix(maximumCauses)
    let list = errors.map(\.description)
    let text = list.count == 1 ? list[0] : "[\(list.joined(separator: ", "))]"
    return Status(
      code: 422, reason: "Invalid", message: "\(subject) \(quoted(name)) is invalid: \(text)",
      details: Details(name: name, group: group, kind: kind, causes: errors.map(\.cause)))
  }

  /// A string as Go's `%q` prints it.
  public static func quoted(_ text: String) -> String { JSON.string(text).text }
}
