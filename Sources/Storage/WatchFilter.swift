import Objects

/// What a watch wants to see. Watches with equal filters share the work of filtering.
public struct WatchFilter: Sendable, Hashable {
  /// Reads a field that a selector names, by its path; nil when the object does not have it.
  public typealias FieldValue = @Sendable (_ object: Object, _ field: String) -> String?

  public var resource: GroupResource
  /// nil for all namespaces.
  public var namespace: String?
  /// nil for all names.
  public var name: String?
  public var labels: LabelSelector?
  public var fields: FieldSelector?

  public init(
    _ resource: GroupResource, namespace: String? = nil, name: String? = nil, labels: LabelSelector? = nil,
    fields: FieldSelector? = nil
  ) {
    self.resource = resource
    self.namespace = namespace
    self.name = name
    self.labels = labels.flatMap { $0.isEmpty ? nil : $0 }
    self.fields = fields.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether an object of the right resource, namespace and name fits the selectors.
  func selects(_ object: Object, _ fieldValue: (String) -> String?) -> Bool {
    (labels?.matches(object.labels) ?? true) && (fields?.matches(fieldValue) ?? true)
  }

  var hasSelectors: Bool { labels != nil || fields != nil }

  /// The fields that every resource offers.
  public static let metadataField: FieldValue = { object, field in
    switch field {
    case "metadata.name": object.name
    case "metadata.namespace": object.namespace
    default: nil
    }
  }
}
