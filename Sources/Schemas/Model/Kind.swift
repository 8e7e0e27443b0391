import Objects

/// What a client may do with a resource or subresource.
public enum Verb: String, Sendable, Hashable, CaseIterable {
  case create, delete, deletecollection, get, list, patch, update, watch
}

/// Group, version and name of a kind.
public struct GroupVersionKind: Sendable, Hashable {
  /// "" for the core group.
  public var group: String
  public var version: String
  public var kind: String

  public init(group: String, version: String, kind: String) {
    self.group = group
    self.version = version
    self.kind = kind
  }

  /// - Parameter apiVersion: `apps/v1`, or `v1` for the core group.
  public init(apiVersion: String, kind: String) {
    let slash = apiVersion.firstIndex(of: "/")
    self.group = slash.map { String(apiVersion[..<$0]) } ?? ""
    self.version = slash.map { String(apiVersion[apiVersion.index(after: $0)...]) } ?? apiVersion
    self.kind = kind
  }

  /// `apps/v1`, or `v1` for the core group.
  public var apiVersion: String { group.isEmpty ? version : group + "/" + version }
}

/// A part of a resource with a path of its own: `pods/log`.
public struct Subresource: Sendable, Hashable {
  /// `log`
  public var name: String
  /// What its bodies are.
  public var kind: GroupVersionKind
  public var verbs: Set<Verb>

  public init(name: String, kind: GroupVersionKind, verbs: Set<Verb>) {
    self.name = name
    self.kind = kind
    self.verbs = verbs
  }
}

/// A resource that the API serves in one version, and the schema of its objects.
public final class Kind: Sendable {
  /// "" for the core group.
  public let group: String
  public let version: String
  /// `apps/v1`, or `v1` for the core group.
  public let apiVersion: String
  /// `Deployment`
  public let name: String
  /// `DeploymentList`
  public let listName: String
  public let resource: GroupResource
  public let singular: String
  public let shortNames: [String]
  public let categories: [String]
  public let isNamespaced: Bool
  public let verbs: Set<Verb>
  public let subresources: [Subresource]
  /// Whether the status has a path of its own.
  public let hasStatus: Bool
  public let columns: [Column]
  public let schema: ObjectSchema
  /// What a CustomResourceDefinition adds; nil for built-in kinds.
  public let custom: CustomKind?

  public init(
    _ identity: GroupVersionKind, listName: String? = nil, resource: String, singular: String,
    shortNames: [String] = [], categories: [String] = [], isNamespaced: Bool, verbs: Set<Verb>,
    subresources: [Subresource] = [], columns: [Column] = [], schema: ObjectSchema, custom: CustomKind? = nil
  ) {
    self.group = identity.group
    self.version = identity.version
    self.apiVersion = identity.apiVersion
    self.name = identity.kind
    self.listName = listName ?? identity.kind + "List"
    self.resource = GroupResource(identity.group, resource)
    self.singular = singular
    self.shortNames = shortNames
    self.categories = categories
    self.isNamespaced = isNamespaced
    self.verbs = verbs
    self.subresources = subresources
    self.hasStatus = subresources.contains { $0.name == "status" }
    self.columns = columns
    self.schema = schema
    self.custom = custom
  }

  /// Whether a CustomResourceDefinition brought it.
  public var isCustom: Bool { custom != nil }

  public var groupVersionKind: GroupVersionKind { GroupVersionKind(group: group, version: version, kind: name) }

  public func subresource(_ name: String) -> Subresource? { subresources.first { $0.name == name } }
}

extension Kind: Hashable {
  public static func == (left: Kind, right: Kind) -> Bool { left === right }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
