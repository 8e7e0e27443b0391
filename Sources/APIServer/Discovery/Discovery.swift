import JSONCore
import Objects
import Schemas
import Values

/// Which groups, versions and resources there are, in both forms that clients ask for.
struct Discovery: Sendable {
  /// One group with its versions, the preferred one first.
  struct Group: Sendable {
    var name: String
    var versions: [(version: String, kinds: [Kind])]

    /// Whether definitions of custom resources made all of it.
    var isCustom: Bool { versions.allSatisfy { $0.kinds.allSatisfy(\.isCustom) } }
  }

  /// In the order that decides what an ambiguous short name means: core first, custom groups last.
  let groups: [Group]

  init(_ catalog: Catalog) {
    var groups: [Group] = []
    var positions: [String: Int] = [:]
    for kind in catalog.kinds {
      let position = positions[kind.group] ?? groups.count
      if position == groups.count {
        positions[kind.group] = position
        groups.append(Group(name: kind.group, versions: []))
      }
      if let index = groups[position].versions.firstIndex(where: { $0.version == kind.version }) {
        groups[position].versions[index].kinds.append(kind)
      } else {
        groups[position].versions.append((kind.version, [kind]))
      }
    }
    for index in groups.indices {
      groups[index].versions.sort { VersionPriority($0.version) > VersionPriority($1.version) }
    }
    self.groups = groups
  }

  func group(_ name: String) -> Group? { groups.first { $0.name == name } }
}

// MARK: - legacy documents

extension Discovery {
  /// `/api`
  static func versions(address: String) -> JSON {
    [
      "kind": "APIVersions", "versions": ["v1"],
      "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(address)]],
    ]
  }

  /// `/apis`
  var groupList: JSON {
    [
      "kind": "APIGroupList", "apiVersion": "v1",
      "groups": .array(groups.filter { !$0.name.isEmpty }.map { group in Self.document(group, isInList: true) }),
    ]
  }

  /// `/apis/apps`
  static func document(_ group: Group, isInList: Bool = false) -> JSON {
    let versions = group.versions.map { version -> JSON in
      ["groupVersion": .string("\(group.name)/\(version.version)"), "version": .string(version.version)]
    }
    var result: JSON = [
      "name": .string(group.name), "versions": .array(versions), "preferredVersion": versions.first ?? .null,
    ]
    if !isInList {
      result["kind"] = "APIGroup"
      result["apiVersion"] = "v1"
    }
    return result
  }

  /// `/api/v1`, `/apis/apps/v1`; nil for an unknown one.
  func resourceList(group: String, version: String) -> JSON? {
    guard let kinds = self.group(group)?.versions.first(where: { $0.version == version })?.kinds else { return nil }
    var result: JSON = [
      "kind": "APIResourceList", "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"),
      "resources": .array(kinds.sorted { $0.resource.resource < $1.resource.resource }.flatMap(Self.entries)),
    ]
    if !group.isEmpty { result["apiVersion"] = "v1" }
    return result
  }

  private static func entries(_ kind: Kind) -> [JSON] {
    let plural = kind.resource.resource
    var entry: JSON = [
      "name": .string(plural), "singularName": .string(kind.singular), "namespaced": .bool(kind.isNamespaced),
      "kind": .string(kind.name), "verbs": kind.isCustom ? customVerbs : names(kind.verbs),
    ]
    if !kind.shortNames.isEmpty { entry["shortNames"] = JSON(kind.shortNames) }
    if !kind.categories.isEmpty { entry["categories"] = JSON(kind.categories) }
    if kind.verbs.contains(.watch) { entry["storageVersionHash"] = .string(storageVersionHash(kind)) }
    return [entry]
      + kind.subresources.sorted { $0.name < $1.name }.map { subresource in
        var entry: JSON = [
          "name": .string("\(plural)/\(subresource.name)"), "singularName": "",
          "namespaced": .bool(kind.isNamespaced), "kind": .string(subresource.kind.kind),
          "verbs": names(subresource.verbs),
        ]
        if subresource.kind.apiVersion != kind.apiVersion {
          entry["group"] = .string(subresource.kind.group)
          entry["version"] = .string(subresource.kind.version)
        }
        return entry
      }
  }

  /// The verbs of a custom resource, in the order in which the stock server writes them.
  private static let customVerbs: JSON = [
    "delete", "deletecollection", "get", "list", "patch", "create", "update", "watch",
  ]

  static func names(_ verbs: Set<Verb>) -> JSON { JSON(verbs.map(\.rawValue).sorted()) }

  /// Changes when objects come to be stored in another version.
  private static func storageVersionHash(_ kind: Kind) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(kind.apiVersion)/\(kind.name)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Base64.encode((0..<8).map { UInt8(truncatingIfNeeded: hash >> (8 * UInt64($0))) })
  }
}

// MARK: - aggregated documents

extension Discovery {
  /// The groups below `/api` or `/apis`, with everything in them.
  /// - Parameter version: `v2` or `v2beta1` of apidiscovery.k8s.io.
  func aggregated(isCore: Bool, version: String) -> JSON {
    [
      "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/" + version), "metadata": [:],
      "items": .array(groups.filter { $0.name.isEmpty == isCore }.map(Self.aggregated)),
    ]
  }

  private static func aggregated(_ group: Group) -> JSON {
    [
      "metadata": group.name.isEmpty ? [:] : ["name": .string(group.name)],
      "versions": .array(
        group.versions.map { version in
          [
            "version": .string(version.version), "freshness": "Current",
            "resources": .array(version.kinds.sorted { $0.resource.resource < $1.resource.resource }.map(aggregated)),
          ]
        }),
    ]
  }

  private static func aggregated(_ kind: Kind) -> JSON {
    var entry: JSON = [
      "resource": .string(kind.resource.resource), "responseKind": responseKind(kind.groupVersionKind, in: kind),
      "scope": kind.isNamespaced ? "Namespaced" : "Cluster", "singularResource": .string(kind.singular),
      "verbs": names(kind.verbs),
    ]
    if !kind.shortNames.isEmpty { entry["shortNames"] = JSON(kind.shortNames) }
    if !kind.categories.isEmpty { entry["categories"] = JSON(kind.categories) }
    if !kind.subresources.isEmpty {
      entry["subresources"] = .array(
        kind.subresources.sorted { $0.name < $1.name }.map { subresource in
          [
            "subresource": .string(subresource.name), "responseKind": responseKind(subresource.kind, in: kind),
            "verbs": names(subresource.verbs),
          ]
        })
    }
    return entry
  }

  /// Group and version are left empty where they are those of the list they stand in.
  private static func responseKind(_ type: GroupVersionKind, in kind: Kind) -> JSON {
    let isSame = type.apiVersion == kind.apiVersion
    return [
      "group": .string(isSame ? "" : type.group), "version": .string(isSame ? "" : type.version),
      "kind": .string(type.kind),
    ]
  }
}
