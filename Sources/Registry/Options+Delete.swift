import JSONCore
import Objects

/// What becomes of the objects that name the deleted one as their owner.
public enum Propagation: String, Sendable {
  /// They are left alone, without the owner.
  case orphan = "Orphan"
  /// They are deleted afterwards.
  case background = "Background"
  /// They are deleted first.
  case foreground = "Foreground"
}

/// How a deletion is asked for (`metav1.DeleteOptions`).
public struct DeleteOptions: Sendable {
  public var caller: Caller
  /// Seconds for an orderly end; nil for the default of the object.
  public var gracePeriodSeconds: Int?
  /// The deletion is refused unless the object has this uid.
  public var uid: String?
  /// The deletion is refused unless the object has this revision.
  public var resourceVersion: String?
  public var propagation: Propagation?
  /// The older form of `propagation`.
  public var orphanDependents: Bool?
  public var isDryRun: Bool
  /// Where admission notes what the audit log should say; nil where there is none.
  public var notes: AuditNotes?

  public init(
    caller: Caller, gracePeriodSeconds: Int? = nil, uid: String? = nil, resourceVersion: String? = nil,
    propagation: Propagation? = nil, orphanDependents: Bool? = nil, isDryRun: Bool = false
  ) {
    self.caller = caller
    self.gracePeriodSeconds = gracePeriodSeconds
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.propagation = propagation
    self.orphanDependents = orphanDependents
    self.isDryRun = isDryRun
  }

  /// From the body of a DELETE or the `deleteOptions` of an eviction.
  /// Values of a wrong type count as not given: whoever reads a body checks it by its schema before.
  /// - Throws: 422 for values that are not among the allowed ones.
  public init(caller: Caller, json: JSON) throws(Status) {
    self.init(caller: caller)
    gracePeriodSeconds = json["gracePeriodSeconds"]?.int
    orphanDependents = json["orphanDependents"]?.bool
    uid = json.at("preconditions", "uid")?.string
    resourceVersion = json.at("preconditions", "resourceVersion")?.string
    var errors: [FieldError] = []
    if let text = json["propagationPolicy"]?.string {
      propagation = Propagation(rawValue: text)
      let path = Path("propagationPolicy")
      if orphanDependents != nil { errors.append(Self.bothGiven(text)) }
      if propagation == nil {
        errors.append(.notSupported(path, .string(text), ["Foreground", "Background", "Orphan", "nil"]))
      }
    }
    if let values = json["dryRun"]?.array, !values.isEmpty {
      isDryRun = true
      if !values.allSatisfy({ $0.string == "All" }) {
        errors.append(.notSupported(Path("dryRun"), .array(values), ["All"]))
      }
    }
    guard errors.isEmpty else { throw Self.invalid(errors) }
  }

  /// - Throws: 422 when both ways to name a policy are used.
  public func check() throws(Status) {
    guard let propagation, orphanDependents != nil else { return }
    throw Self.invalid([Self.bothGiven(propagation.rawValue)])
  }

  private static func bothGiven(_ policy: String) -> FieldError {
    .invalid(
      Path("propagationPolicy"), .string(policy), "orphanDependents and deletionPropagation cannot be both set")
  }

  private static func invalid(_ errors: [FieldError]) -> Status {
    .invalid(kind: "DeleteOptions", group: "meta.k8s.io", name: "", errors)
  }
}

/// The answer to a deletion.
public struct Deleted: Sendable {
  /// The last state, or the state of an object that waits for its finalizers or its grace period.
  public var object: Object
  /// Whether the object is gone (or would be, in a dry run).
  public var isGone: Bool
  /// Whether the client is to see the object rather than a Status.
  public var showsObject: Bool
  /// 200, or 202 when the object is not yet gone and the caller asked that dependents go too.
  public var code: Int
  /// The `details` of the Status.
  public var details: Status.Details
  /// What the client should know, to be sent as `Warning` headers.
  public var warnings: [String] = []

  /// The Status that is sent where the object is not.
  public var status: JSON {
    ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details.json]
  }
}
