import JSONCore
import Objects
import Schemas

/// Which requests somebody who extends admission wants to see: the rules and selectors that policies, their bindings and
/// webhooks have in common.
struct MatchRules: Sendable {
  private let rules: [RequestRule]
  private let excluded: [RequestRule]
  /// Other versions of a kind count as the kind itself (`matchPolicy: Equivalent`).
  private let allowsEquivalent: Bool
  private let namespaces: LabelSelector
  private let objects: LabelSelector
  /// A binding may leave the rules out, and takes what its policy takes.
  private let takesAll: Bool

  /// - Parameter json: a MatchResources, or a webhook.
  init(_ json: JSON, isBinding: Bool = false) {
    rules = (json["resourceRules"] ?? json["rules"])?.array?.map(RequestRule.init) ?? []
    excluded = json.list("excludeResourceRules").map(RequestRule.init)
    allowsEquivalent = json.text("matchPolicy") != "Exact"
    namespaces = Self.selector(json["namespaceSelector"])
    objects = Self.selector(json["objectSelector"])
    takesAll = isBinding && rules.isEmpty
  }

  /// A selector that is left out takes everything; validation lets none pass that cannot be read.
  private static func selector(_ json: JSON?) -> LabelSelector {
    guard let json else { return .everything }
    do { return try LabelSelector(json: json) } catch { return .nothing }
  }

  /// Whether it may concern some operation on the objects of these kinds, whatever they are and wherever.
  func mayConcern(_ kinds: [Kind], _ operation: WriteContext.Operation) -> Bool {
    let kinds = allowsEquivalent ? kinds[...] : kinds.prefix(1)
    return takesAll || kinds.contains { kind in rules.contains { $0.mayConcern(kind, operation) } }
  }

  /// The kind in which the request is to be seen; nil when it is not wanted.
  /// - Parameters:
  ///   - equivalents: the kinds that have the same objects, that of the request first.
  ///   - snapshot: has the namespaces.
  func kind(of request: AdmissionRequest, _ equivalents: [Kind], _ snapshot: Snapshot) -> Kind? {
    guard selects(request, snapshot) else { return nil }
    let own = equivalents.prefix(1)
    let candidates = allowsEquivalent ? equivalents[...] : own
    if candidates.contains(where: { kind in excluded.contains { $0.matches(request, as: kind) } }) { return nil }
    if takesAll { return own.first }
    return candidates.first { kind in rules.contains { $0.matches(request, as: kind) } }
  }

  private func selects(_ request: AdmissionRequest, _ snapshot: Snapshot) -> Bool {
    if !namespaces.isEmpty, let labels = request.namespaceLabels(snapshot), !namespaces.matches(labels) { return false }
    if objects.isEmpty { return true }
    return [request.object, request.old].contains { object in
      guard let object else { return false }
      return objects.matches(Labels(object.at("metadata", "labels")))
    }
  }
}

/// Operations on resources (`RuleWithOperations`).
struct RequestRule: Sendable {
  private let operations: Set<String>
  private let groups: Set<String>
  private let versions: Set<String>
  /// The resource and the subresource of each.
  private let resources: [(resource: String, subresource: String)]
  private let scope: String
  private let names: Set<String>

  init(_ json: JSON) {
    func texts(_ field: String) -> Set<String> { Set(json.list(field).compactMap(\.string)) }
    operations = texts("operations")
    groups = texts("apiGroups")
    versions = texts("apiVersions")
    resources = json.list("resources").compactMap(\.string).map { text in
      let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
      return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
    }
    scope = json["scope"]?.string ?? "*"
    names = texts("resourceNames")
  }

  private static func has(_ set: Set<String>, _ value: String) -> Bool { set.contains("*") || set.contains(value) }

  func mayConcern(_ kind: Kind, _ operation: WriteContext.Operation) -> Bool {
    Self.has(operations, operation.rawValue) && Self.has(groups, kind.group) && Self.has(versions, kind.version)
      && resources.contains { $0.resource == "*" || $0.resource == kind.resource.resource }
  }

  func matches(_ request: AdmissionRequest, as kind: Kind) -> Bool {
    guard Self.has(operations, request.operation.rawValue), Self.has(groups, kind.group),
      Self.has(versions, kind.version), names.isEmpty || names.contains(request.name)
    else { return false }
    // A namespace is of the cluster's scope, though it is its own namespace.
    let isNamespaced = kind.isNamespaced
    guard scope == "*" || (scope == "Namespaced") == isNamespaced else { return false }
    let resource = kind.resource.resource
    return resources.contains { wanted in
      (wanted.resource == "*" || wanted.resource == resource)
        && (wanted.subresource == request.subresource || (wanted.subresource == "*"))
    }
  }
}
