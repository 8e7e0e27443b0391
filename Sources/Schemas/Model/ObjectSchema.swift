import JSONCore

/// The fields of one type of the API.
///
/// Types may name each other in circles (a JSON schema holds JSON schemas), so the fields are filled in after all the
/// types exist, once, before anyone else sees them.
public final class ObjectSchema: Sendable {
  /// The published name: `io.k8s.api.apps.v1.Deployment`; "" for the nameless objects of custom resources.
  public let name: String
  /// The last part of the name: `Deployment`.
  public let goName: String
  /// The type as Go's errors name it: `v1.Deployment`.
  public let goType: String
  /// Whether server-side apply treats the object as one value.
  public let isMapAtomic: Bool
  /// The kinds whose objects have this type at the top.
  public let groupVersionKinds: [GroupVersionKind]
  /// Whether the type serves the wire only and is left out of the published documents.
  public let isInternal: Bool
  /// Whether the type is offered under every group version (DeleteOptions, WatchEvent).
  public let isInEveryGroup: Bool
  /// `x-kubernetes-unions`, when there are any.
  public let unions: JSON?
  /// Whether fields that are not declared stay (custom resources with x-kubernetes-preserve-unknown-fields).
  public let preservesUnknownFields: Bool
  /// Whether it came with a custom resource: values of another type are for validation to judge, not for decoding.
  public let isStructural: Bool
  /// Whether it is a whole Kubernetes object inside another one (x-kubernetes-embedded-resource).
  public let isEmbeddedResource: Bool
  private let text: Documentation

  /// Sorted by the bytes of their names.
  public nonisolated(unsafe) private(set) var fields: [Field] = []
  /// The same fields for the walks over bodies.
  nonisolated(unsafe) private(set) var table = FieldTable([])
  /// The positions of the fields that an object gets even if it came without them.
  nonisolated(unsafe) private(set) var filled: [Filling] = []
  nonisolated(unsafe) private(set) var message = MessageLayout()
  /// How each of the fields travels in protobuf.
  nonisolated(unsafe) private(set) var wire = WireTable([])
  /// Sets what depends on the values of other fields.
  let conditionalDefaults: ConditionalDefaults.Rule?

  public var documentation: String { text.string }

  init(name: String, goType: String, header: TypeHeader, documentation: Documentation) {
    self.name = name
    self.goName = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
    self.goType = goType
    self.isMapAtomic = header.isMapAtomic
    self.groupVersionKinds = header.groupVersionKinds
    self.isInternal = header.isInternal
    self.isInEveryGroup = header.isInEveryGroup
    self.unions = header.unions
    self.isStructural = header.isStructural
    self.preservesUnknownFields = header.preservesUnknownFields
    self.isEmbeddedResource = header.isEmbeddedResource
    self.text = documentation
    self.conditionalDefaults = ConditionalDefaults.table[name]
  }

  /// A type of a custom resource; its fields need no order.
  public convenience init(
    name: String = "", fields: [Field], isMapAtomic: Bool = false, groupVersionKinds: [GroupVersionKind] = [],
    preservesUnknownFields: Bool = false, isEmbeddedResource: Bool = false, documentation: String = ""
  ) {
    var header = TypeHeader()
    header.isMapAtomic = isMapAtomic
    header.groupVersionKinds = groupVersionKinds
    header.preservesUnknownFields = preservesUnknownFields
    header.isEmbeddedResource = isEmbeddedResource
    header.isStructural = true
    self.init(name: name, goType: "map[string]interface {}", header: header, documentation: .text(documentation))
    complete(fields: fields)
  }

  func complete(fields: [Field]) {
    self.fields = fields.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    table.deallocate()
    table = FieldTable(self.fields)
    filled = self.fields.indices.compactMap { Filling(index: $0, field: self.fields[$0]) }
    message = MessageLayout(fields: self.fields)
    wire.deallocate()
    wire = WireTable(self.fields)
  }

  deinit {
    table.deallocate()
    wire.deallocate()
  }

  public func field(_ name: String) -> Field? { table.position(of: name).map { fields[$0] } }

  /// The field that stands at this path of protobuf numbers.
  public func field(numbers: [Int]) -> Field? { fields.first { $0.numbers == numbers } }
}

extension ObjectSchema: Hashable {
  public static func == (left: ObjectSchema, right: ObjectSchema) -> Bool { left === right }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// All that a type's line says beside its name.
struct TypeHeader {
  var isMapAtomic = false
  var groupVersionKinds: [GroupVersionKind] = []
  var isInternal = false
  var isInEveryGroup = false
  var unions: JSON?
  var preservesUnknownFields = false
  var isEmbeddedResource = false
  var isStructural = false
}

/// A field that an object gets even if it came without it.
struct Filling: Sendable {
  let index: Int
  let value: JSON

  init?(index: Int, field: Field) {
    self.index = index
    if let value = field.defaultValue {
      self.value = value
    } else if field.zero == .show {
      self.value = field.type.zeroValue
    } else {
      return nil
    }
  }
}
