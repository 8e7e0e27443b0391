import JSONCore
import Objects

/// What to do with fields that the schema does not know, and with keys that stand twice.
public enum FieldValidation: String, Sendable {
  case ignore = "Ignore"
  case warn = "Warn"
  case strict = "Strict"
}

/// How a write is asked for (`CreateOptions`, `UpdateOptions` and `PatchOptions` in one).
public struct WriteOptions: Sendable {
  public var caller: Caller
  /// Who owns the written fields in `metadata.managedFields`, at most 128 characters.
  public var fieldManager: String
  public var isDryRun: Bool
  public var fieldValidation: FieldValidation
  /// Apply only: take over fields that others own.
  public var force: Bool
  /// What the reader of the body says of keys that stood twice, in the words for the client.
  public var duplicates: [String]
  /// Where admission notes what the audit log should say; nil where there is none.
  public var notes: AuditNotes?

  public init(
    caller: Caller, fieldManager: String = "swiftlet", isDryRun: Bool = false,
    fieldValidation: FieldValidation = .ignore, force: Bool = false, duplicates: [String] = [],
    notes: AuditNotes? = nil
  ) {
    self.caller = caller
    self.fieldManager = fieldManager
    self.isDryRun = isDryRun
    self.fieldValidation = fieldValidation
    self.force = force
    self.duplicates = duplicates
    self.notes = notes
  }
}

/// A change that is given as a difference.
public struct Patch: Sendable {
  public enum Format: Sendable {
    /// RFC 6902
    case json
    /// RFC 7386
    case merge
    /// Kubernetes' own: lists are merged by key.
    case strategic
    /// Server-side apply: the fields that the manager wants, nothing else.
    case apply
  }

  public var format: Format
  public var body: JSON

  public init(_ format: Format, _ body: JSON) {
    self.format = format
    self.body = body
  }
}

/// The answer to a write.
public struct Written: Sendable {
  /// The new state; of a dry run the state that would have been stored, with revision 0 or that of the old state.
  public var object: Object
  public var isNew: Bool
  /// What the client should know, to be sent as `Warning` headers.
  public var warnings: [String]

  public init(object: Object, isNew: Bool, warnings: [String] = []) {
    self.object = object
    self.isNew = isNew
    self.warnings = warnings
  }
}
