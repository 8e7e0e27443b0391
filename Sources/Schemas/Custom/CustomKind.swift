import JSONCore
import Objects
import Validation

/// What a CustomResourceDefinition says of one of its versions beyond what built-in kinds have too.
public struct CustomKind: Sendable {
  /// Keeps a definition that is being deleted until its objects are gone.
  public static let finalizer = "customresourcecleanup.apiextensions.k8s.io"

  /// What its objects look like.
  public let schema: CustomSchema
  /// Whether objects are stored in this version.
  public let isStorage: Bool
  /// Whether clients may use this version.
  public let isServed: Bool
  /// Fields that field selectors may name, beside name and namespace: `spec.color` and its keys.
  public let selectableFields: [String: [String]]
  /// Where replicas and selector stand; nil without the scale subresource.
  public let scale: ScalePaths?
  /// What users of a deprecated version are told.
  public let deprecation: String?
  /// The revision of the definition: objects that were stored before may lack what it brought.
  public let revision: Int64
  /// What the definition says, beside its status.
  public let definition: Definition
  /// The webhook that alone can tell how versions differ (`spec.conversion.webhook`); nil where their names are all that does.
  public let conversion: JSON?
  /// The definition is being deleted, and nothing new may be made.
  public let isTerminating: Bool

  /// A definition as it was at one time; its status does not matter.
  public struct Definition: Sendable, Equatable {
    private let uid: String
    private let generation: Int64

    /// - Parameter json: the definition as it is stored.
    public init(_ json: JSON) {
      uid = json.at("metadata", "uid")?.string ?? ""
      // To begin a deletion is counted, too, but what is being watched goes on until it is gone.
      let deletion = json.at("metadata", "deletionTimestamp") == nil ? 0 : 1
      generation = Int64(json.at("metadata", "generation")?.int ?? 0) - Int64(deletion)
    }
  }

  /// Where an object keeps the numbers that its scale subresource shows.
  public struct ScalePaths: Sendable {
    public var replicas: [String]
    public var status: [String]
    /// Empty where there is no selector.
    public var selector: [String]

    public init(replicas: [String], status: [String], selector: [String]) {
      self.replicas = replicas
      self.status = status
      self.selector = selector
    }
  }
}

extension Kind {
  /// The kinds that a CustomResourceDefinition brings, a version each; none before its names are accepted.
  /// - Parameters:
  ///   - definition: the object as it is stored.
  ///   - base: has the types that are not the definition's own.
  ///   - earlier: what the definition brought before; schemas that are still the same are not read again.
  public static func custom(
    _ definition: JSON, revision: Int64, base: Catalog, reusing earlier: [Kind] = []
  ) -> [Kind] {
    guard let spec = definition["spec"], isEstablished(definition),
      let metadata = base.schema(named: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    else { return [] }
    // What comes with the server is not for definitions to take over, in whatever version: its objects would be theirs.
    let (group, names) = (spec.text("group"), definition.at("status", "acceptedNames") ?? .emptyObject)
    let isTaken = base.kinds.contains {
      $0.group == group && ($0.resource.resource == names.text("plural") || $0.name == names.text("kind"))
    }
    guard !isTaken else { return [] }
    let versions = spec.list("versions")
    return versions.map { version in
      Kind(
        version, of: spec, names: names,
        custom: CustomKind(version, spec, schema(of: version, earlier), of: definition, revision: revision),
        metadata: metadata)
    }
  }

  private static func schema(of version: JSON, _ earlier: [Kind]) -> CustomSchema {
    let source = version.at("schema", "openAPIV3Schema") ?? ["x-kubernetes-preserve-unknown-fields": true]
    let known = earlier.first { $0.version == version.text("name") }?.custom?.schema
    if let known, known.source == source { return known }
    return CustomSchema(source, isRoot: true)
  }

  private static func isEstablished(_ definition: JSON) -> Bool {
    (definition["status"]?.list("conditions") ?? []).contains {
      $0.text("type") == "Established" && $0.text("status") == "True"
    }
  }

  private convenience init(
    _ version: JSON, of spec: JSON, names: JSON, custom: CustomKind, metadata: ObjectSchema
  ) {
    let identity = GroupVersionKind(
      group: spec.text("group"), version: version.text("name"), kind: names.text("kind"))
    self.init(
      identity, listName: names.text("listKind"), resource: names.text("plural"), singular: names.text("singular"),
      shortNames: names.list("shortNames").compactMap(\.string),
      categories: names.list("categories").compactMap(\.string), isNamespaced: spec.text("scope") == "Namespaced",
      verbs: Set(Verb.allCases), subresources: Self.subresources(version, identity),
      columns: Self.columns(version), schema: custom.schema.rootSchema(identity, metadata: metadata), custom: custom)
  }

  private static func subresources(_ version: JSON, _ identity: GroupVersionKind) -> [Subresource] {
    let verbs: Set<Verb> = [.get, .patch, .update]
    var result: [Subresource] = []
    if version.at("subresources", "status") != nil {
      result.append(Subresource(name: "status", kind: identity, verbs: verbs))
    }
    if version.at("subresources", "scale") != nil {
      let scale = GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale")
      result.append(Subresource(name: "scale", kind: scale, verbs: verbs))
    }
    return result
  }

  /// The stock server falls back to name and age, too, where it cannot read one of the paths.
  private static func columns(_ version: JSON) -> [Column] {
    let name = Column(
      name: "Name", type: "string", format: "name", description: "The name, unique in its namespace.",
      source: .path(["metadata", "name"]))
    let age = Column(
      name: "Age", type: "date", description: "How long ago it was created.",
      source: .age(["metadata", "creationTimestamp"]))
    let definitions = version.list("additionalPrinterColumns")
    let own = definitions.compactMap(column)
    return [name] + (own.isEmpty || own.count < definitions.count ? [age] : own)
  }

  private static func column(_ json: JSON) -> Column? {
    JSONPath(json.text("jsonPath")).map { path in
      Column(
        name: json.text("name"), type: json.text("type"), format: json.text("format"),
        description: json.text("description"), isWide: (json["priority"]?.int ?? 0) > 0, source: .jsonPath(path))
    }
  }
}

extension CustomKind {
  fileprivate init(
    _ version: JSON, _ spec: JSON, _ schema: CustomSchema, of definition: JSON, revision: Int64
  ) {
    self.schema = schema
    isStorage = version["storage"]?.bool ?? false
    isServed = version["served"]?.bool ?? false
    let fields = version.list("selectableFields").map { Self.keys(of: $0.text("jsonPath")) }
    selectableFields = Dictionary(fields.map { ($0.joined(separator: "."), $0) }) { first, _ in first }
    scale = version.at("subresources", "scale").map { scale in
      ScalePaths(
        replicas: Self.keys(of: scale.text("specReplicasPath")),
        status: Self.keys(of: scale.text("statusReplicasPath")),
        selector: Self.keys(of: scale.text("labelSelectorPath")))
    }
    deprecation = version["deprecated"]?.bool == true ? Self.warning(version, spec) : nil
    self.revision = revision
    self.definition = Definition(definition)
    conversion =
      spec.at("conversion", "strategy") == "Webhook" ? spec.at("conversion", "webhook") ?? .emptyObject : nil
    isTerminating = definition.at("metadata", "deletionTimestamp") != nil
  }

  /// The keys of a simple path: `.spec.color`.
  static func keys(of path: String) -> [String] { path.split(separator: ".").map(String.init) }

  private static func warning(_ version: JSON, _ spec: JSON) -> String {
    let own = version.text("deprecationWarning")
    if !own.isEmpty { return own }
    let (group, kind) = (spec.text("group"), spec.at("names", "kind")?.string ?? "")
    let start = "\(group)/\(version.text("name")) \(kind) is deprecated"
    let newer = spec.list("versions").filter { other in
      other["served"]?.bool == true && other["deprecated"]?.bool != true
        && VersionPriority(other.text("name")) > VersionPriority(version.text("name"))
    }
    guard let best = newer.max(by: { VersionPriority($0.text("name")) < VersionPriority($1.text("name")) }) else {
      return start
    }
    return start + "; use \(group)/\(best.text("name")) \(kind)"
  }
}
