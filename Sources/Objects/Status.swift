import JSONCore

/// The one error of the API: `metav1.Status` with status "Failure". Its words are those of Kubernetes.
public struct Status: Error, Sendable, Equatable {
  public var code: Int
  /// `NotFound`, `Conflict`, `Invalid`, …: what a program decides by. May be empty.
  public var reason: String
  public var message: String
  public var details: Details?
  /// `metadata.continue`: set where an expired list can go on from the newest state.
  public var continueToken: String?
  /// What was found on the way to the error, for the headers of the answer.
  public var warnings: [String] = []

  public struct Details: Sendable, Equatable {
    public var name = ""
    public var group = ""
    /// The resource (`pods`), except for `Invalid`, where it is the kind (`Pod`).
    public var kind = ""
    public var uid = ""
    public var causes: [Cause] = []
    public var retryAfterSeconds = 0

    public init(
      name: String = "", group: String = "", kind: String = "", uid: String = "", causes: [Cause] = [],
      retryAfterSeconds: Int = 0
    ) {
      self.name = name
      self.group = group
      self.kind = kind
      self.uid = uid
      self.causes = causes
      self.retryAfterSeconds = retryAfterSeconds
    }
  }

  public struct Cause: Sendable, Equatable {
    public var reason: String
    public var message: String
    public var field: String

    public init(reason: String, message: String, field: String = "") {
      self.reason = reason
      self.message = message
      self.field = field
    }
  }

  public init(code: Int, reason: String, message: String, details: Details? = nil) {
    self.code = code
    self.reason = reason
    self.message = message
    self.details = details
  }

  /// The same error, with what else the client is to be told.
  public func adding(warnings more: [String]) -> Status {
    var status = self
    status.warnings += more
    return status
  }

  /// The Status object that goes to the client.
  public var json: JSON {
    var result: JSON = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
      "code": JSON(code),
    ]
    if let continueToken { result["metadata"] = ["continue": .string(continueToken)] }
    if !reason.isEmpty { result["reason"] = .string(reason) }
    if let details { result["details"] = details.json }
    return result
  }
}

extension Status.Details {
  public var json: JSON {
    var result = JSON.emptyObject
    if !name.isEmpty { result["name"] = .string(name) }
    if !group.isEmpty { result["group"] = .string(group) }
    if !kind.isEmpty { result["kind"] = .string(kind) }
    if !uid.isEmpty { result["uid"] = .string(uid) }
    if retryAfterSeconds != 0 { result["retryAfterSeconds"] = JSON(retryAfterSeconds) }
    if !causes.isEmpty { result["causes"] = .array(causes.map(\.json)) }
    return result
  }
}

extension Status.Cause {
  var json: JSON {
    var result: JSON = [:]
    if !reason.isEmpty { result["reason"] = .string(reason) }
    if !message.isEmpty { result["message"] = .string(message) }
    if !field.isEmpty { result["field"] = .string(field) }
    return result
  }
}
