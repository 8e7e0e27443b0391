import JSONCore
import Objects

/// How a list is asked for (`metav1.ListOptions` without the watch parts).
public struct ListOptions: Sendable {
  public var labels: LabelSelector = .everything
  public var fields: FieldSelector?
  /// The most objects to return; 0 for all.
  public var limit = 0
  /// Where an earlier, limited list stopped; "" for the start.
  public var continueToken = ""
  /// As sent: "", "0" or a decimal revision.
  public var resourceVersion = ""
  /// As sent: "", "Exact" or "NotOlderThan".
  public var resourceVersionMatch = ""
  /// `sendInitialEvents` was sent with a list, which is an error.
  public var sendsInitialEvents: Bool?

  public init(
    labels: LabelSelector = .everything, fields: FieldSelector? = nil, limit: Int = 0, continueToken: String = "",
    resourceVersion: String = "", resourceVersionMatch: String = ""
  ) {
    self.labels = labels
    self.fields = fields
    self.limit = limit
    self.continueToken = continueToken
    self.resourceVersion = resourceVersion
    self.resourceVersionMatch = resourceVersionMatch
  }
}

/// How a watch is asked for.
public struct WatchOptions: Sendable {
  public var labels: LabelSelector = .everything
  public var fields: FieldSelector?
  /// As sent: "", "0" or a decimal revision.
  public var resourceVersion = ""
  public var resourceVersionMatch = ""
  public var sendsInitialEvents: Bool?
  public var allowsBookmarks = false
  /// Of a list; a watch has no use for it, and does not take it beside `resourceVersionMatch`.
  public var continueToken = ""

  public init(
    labels: LabelSelector = .everything, fields: FieldSelector? = nil, resourceVersion: String = "",
    resourceVersionMatch: String = "", sendsInitialEvents: Bool? = nil, allowsBookmarks: Bool = false
  ) {
    self.labels = labels
    self.fields = fields
    self.resourceVersion = resourceVersion
    self.resourceVersionMatch = resourceVersionMatch
    self.sendsInitialEvents = sendsInitialEvents
    self.allowsBookmarks = allowsBookmarks
  }
}

/// The answer to a list.
public struct ObjectList: Sendable {
  public var objects: [Object]
  /// `metadata.resourceVersion`: the revision of the state that was listed.
  public var revision: Int64
  /// Where the next page starts; nil on the last one.
  public var continueToken: String?
  /// How many objects follow; nil where it is not known exactly.
  public var remainingItemCount: Int?

  public init(objects: [Object], revision: Int64, continueToken: String? = nil, remainingItemCount: Int? = nil) {
    self.objects = objects
    self.revision = revision
    self.continueToken = continueToken
    self.remainingItemCount = remainingItemCount
  }
}
