import Objects

/// Every kind and type of the API.
public final class Catalog: Sendable {
  /// What the binary brings along, read from the schema source at first use.
  public static let builtIn = Catalog(files: EmbeddedText.schemas.map(SchemaFile.init))

  /// The same, and the metrics of nodes and pods, which stock clusters have by an addition to them.
  public static let withMetrics = Catalog(builtIn, adding: EmbeddedText.additions.map(SchemaFile.init))

  /// In the order of discovery: the core group first.
  public let kinds: [Kind]
  /// Every type, in the order of the source.
  public let schemas: [ObjectSchema]

  private let schemaByName: [String: ObjectSchema]
  private let schemaByKind: [GroupVersionKind: ObjectSchema]
  private let kindByName: [GroupVersionKind: Kind]
  private let kindByResource: [VersionedResource: Kind]
  private let storageKinds: [GroupResource: Kind]

  private struct VersionedResource: Hashable {
    var version: String
    var resource: GroupResource
  }

  init(files: [SchemaFile]) {
    let types = Self.linked(files)
    schemaByName = types
    schemas = files.flatMap { $0.types.map(\.schema) }
    kinds = files.flatMap { file in
      file.resources.map { Kind($0, in: file, types: types) }
    }
    schemaByKind = Self.byKind(schemas)
    (kindByName, kindByResource, storageKinds) = Self.indexed(kinds)
  }

  /// The kinds of `base`, and those that CustomResourceDefinitions brought behind them. Versions that are not served are
  /// known only as what objects are stored in. Where two have the same name it is that of `base`.
  public init(_ base: Catalog, adding custom: [Kind]) {
    kinds = base.kinds + custom.filter { $0.custom?.isServed ?? true }
    schemas = base.schemas
    schemaByName = base.schemaByName
    schemaByKind = base.schemaByKind
    let (names, resources, _) = Self.indexed(custom.filter { $0.custom?.isServed ?? true })
    let storage = Self.indexed(custom.filter { $0.custom?.isStorage ?? true }).2
    kindByName = base.kindByName.merging(names) { first, _ in first }
    kindByResource = base.kindByResource.merging(resources) { first, _ in first }
    storageKinds = base.storageKinds.merging(storage) { first, _ in first }
  }

  /// The groups of further files, whose types may refer to those of `base`.
  private init(_ base: Catalog, adding files: [SchemaFile]) {
    let types = Self.linked(files, base.schemaByName)
    schemaByName = types
    schemas = base.schemas + files.flatMap { $0.types.map(\.schema) }
    kinds = base.kinds + files.flatMap { file in file.resources.map { Kind($0, in: file, types: types) } }
    schemaByKind = Self.byKind(schemas)
    (kindByName, kindByResource, storageKinds) = Self.indexed(kinds)
  }

  /// - Parameter resource: the plural, `deployments`.
  public func kind(group: String, version: String, resource: String) -> Kind? {
    kindByResource[VersionedResource(version: version, resource: GroupResource(group, resource))]
  }

  public func kind(group: String, version: String, kind: String) -> Kind? {
    kindByName[GroupVersionKind(group: group, version: version, kind: kind)]
  }

  /// The kind in the version that objects are stored in: the newest of the group.
  public func kind(_ resource: GroupResource) -> Kind? { storageKinds[resource] }

  /// A type by its published name, `io.k8s.api.core.v1.PodSpec`.
  public func schema(named name: String) -> ObjectSchema? { schemaByName[name] }

  /// The type of bodies of this kind, also of those that are no resource: lists, Status, DeleteOptions, Eviction.
  public func schema(of kind: GroupVersionKind) -> ObjectSchema? {
    kindByName[kind]?.schema ?? schemaByKind[kind] ?? Self.everyGroup(kind).flatMap { schemaByKind[$0] }
  }

  /// DeleteOptions and its like may come under any group version; they are kept under v1.
  private static func everyGroup(_ kind: GroupVersionKind) -> GroupVersionKind? {
    switch kind.kind {
    case "DeleteOptions", "WatchEvent", "ListOptions", "GetOptions", "CreateOptions", "UpdateOptions", "PatchOptions",
      "Status":
      GroupVersionKind(group: "", version: "v1", kind: kind.kind)
    default: nil
    }
  }

  private static func linked(
    _ files: [SchemaFile], _ base: [String: ObjectSchema] = [:]
  ) -> [String: ObjectSchema] {
    var types = base.isEmpty ? [String: ObjectSchema](minimumCapacity: 1024) : base
    for file in files {
      for type in file.types { types[type.schema.name] = type.schema }
    }
    for file in files {
      for type in file.types { type.schema.complete(fields: type.fields.map { file.field($0, types: types) }) }
    }
    return types
  }

  private static func byKind(_ schemas: [ObjectSchema]) -> [GroupVersionKind: ObjectSchema] {
    var result: [GroupVersionKind: ObjectSchema] = [:]
    for schema in schemas {
      for kind in schema.groupVersionKinds { result[kind] = schema }
    }
    return result
  }

  private static func indexed(
    _ kinds: [Kind]
  ) -> ([GroupVersionKind: Kind], [VersionedResource: Kind], [GroupResource: Kind]) {
    var byName: [GroupVersionKind: Kind] = [:]
    var byResource: [VersionedResource: Kind] = [:]
    var storage: [GroupResource: Kind] = [:]
    for kind in kinds {
      byName[kind.groupVersionKind] = kind
      byResource[VersionedResource(version: kind.version, resource: kind.resource)] = kind
      storage[kind.resource] = kind
    }
    return (byName, byResource, storage)
  }
}

extension Kind {
  fileprivate convenience init(
    _ block: SchemaFile.ResourceBlock, in file: SchemaFile, types: [String: ObjectSchema]
  ) {
    let name = SchemaFile.prefix(package: file.package, version: file.version) + block.kind
    guard let schema = types[name] else { preconditionFailure("no type \(name)") }
    self.init(
      GroupVersionKind(group: file.group, version: file.version, kind: block.kind), resource: block.plural,
      singular: block.singular, shortNames: block.shortNames, categories: block.categories,
      isNamespaced: block.isNamespaced, verbs: block.verbs, subresources: block.subresources,
      columns: block.columns.map { $0.completed(by: schema) }, schema: schema)
  }
}

extension Column {
  /// Where the source names no cell for what is absent, it is the zero value of the field's type.
  fileprivate func completed(by schema: ObjectSchema) -> Column {
    guard case .path(let keys) = source, fallback == "" else { return self }
    var type = FieldType.object(schema)
    for key in keys {
      guard let next = type.objectSchema?.field(key)?.type ?? type.mapValue else {
        preconditionFailure("\(schema.name): column \(name) has no field \(key)")
      }
      type = next
    }
    var result = self
    switch type {
    case .int32, .int64, .double: result.fallback = 0
    case .bool: result.fallback = false
    default: break
    }
    return result
  }
}
