import JSONCore
import Objects
import Values

/// Who writes, as `metadata.managedFields` tells it.
public struct FieldWriter: Sendable, Hashable {
  /// The `fieldManager` of the request, or the client's name.
  public var manager: String
  /// The version in which the object was written: `apps/v1`.
  public var apiVersion: String
  /// "" for the object itself.
  public var subresource: String
  public var time: Instant

  public init(manager: String, apiVersion: String, subresource: String = "", time: Instant) {
    self.manager = manager
    self.apiVersion = apiVersion
    self.subresource = subresource
    self.time = time
  }
}

/// Which manager owns which fields of an object: `metadata.managedFields`.
public struct ManagedFields: Sendable, Hashable {
  public struct Entry: Sendable, Hashable {
    public var manager: String
    public var isApplied: Bool
    public var apiVersion: String
    public var subresource: String
    /// RFC 3339; nil for an applier whose first apply changed nothing.
    public var time: String?
    public var fields: FieldSet

    /// Whether both speak of the same manager doing the same; an applier stays the same in another version.
    func isSameManager(as other: Entry) -> Bool {
      manager == other.manager && isApplied == other.isApplied && subresource == other.subresource
        && (isApplied || apiVersion == other.apiVersion)
    }

    /// The text by which managers are put in order.
    var identity: String {
      "\(Status.quoted(manager)) \(isApplied ? "Apply" : "Update") \(isApplied ? "" : apiVersion) \(subresource)"
    }
  }

  public var entries: [Entry] = []

  public init() {}

  /// What a stored object says.
  public init(of object: JSON?) { self.init(stored: object?["metadata"]?["managedFields"]) }

  private init(stored json: JSON?) {
    entries = (json?.array ?? []).compactMap { json in
      guard let members = json.object, let operation = members["operation"]?.string else { return nil }
      if let text = members.unread("fieldsV1") {
        return Entry(json, isApplied: operation == "Apply", fields: FieldSet(text))
      }
      guard let fields = members["fieldsV1"]?.object else { return nil }
      return Entry(json, isApplied: operation == "Apply", fields: FieldSet(root: fields))
    }
  }

  public var isEmpty: Bool { entries.isEmpty }

  /// `metadata.managedFields`, or nil when nobody owns anything.
  public var json: JSON? {
    if entries.isEmpty { return nil }
    return .array(entries.sorted(by: Self.inOrder).map(\.json))
  }

  /// Appliers first, then by time; an entry without a time comes last.
  private static func inOrder(_ left: Entry, _ right: Entry) -> Bool {
    if left.isApplied != right.isApplied { return left.isApplied }
    if left.time != right.time {
      let (leftTime, rightTime) = (left.instant, right.instant)
      if leftTime != rightTime { return leftTime < rightTime }
    }
    return (left.manager, left.apiVersion, left.subresource) < (right.manager, right.apiVersion, right.subresource)
  }
}

extension ManagedFields.Entry {
  init(_ json: JSON, isApplied: Bool, fields: FieldSet) {
    self.init(
      manager: json.text("manager"), isApplied: isApplied, apiVersion: json.text("apiVersion"),
      subresource: json.text("subresource"), time: json["time"]?.string, fields: fields)
  }

  init(_ writer: FieldWriter, isApplied: Bool, fields: FieldSet) {
    self.init(
      manager: writer.manager.isEmpty ? "unknown" : writer.manager, isApplied: isApplied,
      apiVersion: writer.apiVersion, subresource: writer.subresource, time: nil, fields: fields)
  }

  var instant: Int64 { time.flatMap { Instant(rfc3339: $0) }?.seconds ?? .max }

  var json: JSON {
    var members = Members()
    members.append("apiVersion", .string(apiVersion))
    members.append("fieldsType", "FieldsV1")
    members.append("fieldsV1", fields.json)
    if !manager.isEmpty { members.append("manager", .string(manager)) }
    members.append("operation", isApplied ? "Apply" : "Update")
    if !subresource.isEmpty { members.append("subresource", .string(subresource)) }
    if let time { members.append("time", .string(time)) }
    return .object(members)
  }
}
