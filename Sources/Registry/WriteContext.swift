import JSONCore
import Objects
import Schemas
import Storage
import Values

/// What a write passes through on its way to the store: the facts it is judged by, and what it gathers.
struct WriteContext {
  enum Operation: String, Sendable {
    case create = "CREATE"
    case update = "UPDATE"
    case delete = "DELETE"
    case connect = "CONNECT"
  }

  let operation: Operation
  let kind: Kind
  let strategy: Strategy
  let namespace: String
  var name: String
  /// nil for the object itself.
  let subresource: String?
  let caller: Caller
  let fieldManager: String
  let isDryRun: Bool
  let notes: AuditNotes?
  /// Who extends admission of such writes; nil where nobody does.
  let extenders: Extenders?
  /// The state that the write is judged by.
  let snapshot: Snapshot
  let now: Instant
  let names: NameSource
  let configuration: ClusterConfiguration
  let quotas: QuotaLedger
  let authorize: @Sendable (Attributes) -> Decision
  let checkEscalation: @Sendable (JSON, Kind, String, Caller) throws(Status) -> Void

  /// What those see who extend admission, in place of the object: the scale of a deployment. They may not change it then.
  var view: (@Sendable (JSON) throws(Status) -> JSON)?
  var warnings: [String] = []
  /// Checks that must hold in the very state that the write goes into.
  var guards: [WriteGuard] = []
  /// Objects that are to be made with this one.
  var companions: [Write] = []
  /// Objects that are of no use once this one is stored.
  var releases: [Write] = []

  var resource: GroupResource { kind.resource }

  func forbidden(_ why: String) -> Status { .forbidden(resource, name, why) }
}

/// A check that a write takes along to the store.
struct WriteGuard: Sendable {
  let check: Write.Check
  /// The only resources that it looks at; nil when it may look at any.
  let resources: Set<GroupResource>?

  init(of resources: Set<GroupResource>? = nil, _ check: @escaping Write.Check) {
    self.check = check
    self.resources = resources
  }
}

/// What no schema can say of a kind.
protocol KindRule: SendableMetatype {
  /// Completes a new object, after admission.
  static func prepareCreate(_ object: inout JSON, _ context: inout WriteContext) throws(Status)
  /// Completes a changed object, after admission.
  static func prepareUpdate(_ object: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status)
  /// What the finished object gets after it was found valid.
  static func finish(_ object: inout JSON)
  /// Whether an object that is being deleted and has no finalizers left may go.
  static func mayGo(_ object: JSON) -> Bool
  /// How long the object may take to end, in seconds; nil for kinds that go at once.
  static func grace(_ object: JSON, requested: Int?) -> Int?
}

extension KindRule {
  static func prepareCreate(_ object: inout JSON, _ context: inout WriteContext) throws(Status) {}
  static func prepareUpdate(_ object: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status) {}
  static func finish(_ object: inout JSON) {}
  static func mayGo(_ object: JSON) -> Bool { true }
  static func grace(_ object: JSON, requested: Int?) -> Int? { nil }
}
