import JSONCore
import Validation

/// The schema as decoding, pruning, defaulting and server-side apply see it: the same types that the built-in kinds have.
extension CustomSchema {
  /// - Parameter metadata: the type of `metadata`, for objects within objects.
  func fieldType(metadata: ObjectSchema) -> FieldType {
    if isIntOrString { return .intOrString }
    switch type {
    case "string": return .string
    case "boolean": return .bool
    case "integer": return .int64
    case "number": return .double
    case "array": return .array(items?.fieldType(metadata: metadata) ?? .json)
    case "object":
      guard properties.isEmpty, !isEmbeddedResource, allowsAdditional else {
        return .object(objectSchema(metadata: metadata))
      }
      return .map(additional?.fieldType(metadata: metadata) ?? .json)
    default: return .json
    }
  }

  func objectSchema(metadata: ObjectSchema) -> ObjectSchema {
    var fields = properties.map { $0.schema.field($0.name, metadata: metadata) }
    if isEmbeddedResource {
      fields.removeAll { Self.identity.contains($0.name) }
      fields += Self.identityFields(metadata: metadata)
    }
    return ObjectSchema(
      fields: fields, isMapAtomic: isMapAtomic, preservesUnknownFields: preservesUnknownFields,
      isEmbeddedResource: isEmbeddedResource, documentation: description)
  }

  /// The top of a custom resource: what every object has, and the fields of its own.
  func rootSchema(_ identity: GroupVersionKind, metadata: ObjectSchema) -> ObjectSchema {
    let own = properties.filter { !Self.identity.contains($0.name) }
    return ObjectSchema(
      name: Self.publishedName(identity),
      fields: Self.identityFields(metadata: metadata) + own.map { $0.schema.field($0.name, metadata: metadata) },
      groupVersionKinds: [identity], preservesUnknownFields: preservesUnknownFields, documentation: description)
  }

  /// `com.example.v1.Widget`
  static func publishedName(_ identity: GroupVersionKind) -> String {
    (identity.group.split(separator: ".").reversed().map(String.init) + [identity.version, identity.kind])
      .joined(separator: ".")
  }

  static let identity: Set<String> = ["apiVersion", "kind", "metadata"]

  private static func identityFields(metadata: ObjectSchema) -> [Field] {
    [
      Field(name: "apiVersion", type: .string), Field(name: "kind", type: .string),
      Field(name: "metadata", type: .object(metadata)),
    ]
  }

  private func field(_ name: String, metadata: ObjectSchema) -> Field {
    Field(
      name: name, type: fieldType(metadata: metadata), isNullable: isNullable, defaultValue: defaultValue,
      listType: type == "array" ? ListType(listType) : nil, listKeys: listKeys, isMapAtomic: isMapAtomic ? true : nil,
      documentation: description)
  }
}

extension ListType {
  /// Lists of custom resources are atomic unless their schema says otherwise.
  fileprivate init(_ kind: ListKind?) {
    switch kind {
    case .set: self = .set
    case .map: self = .map
    case .atomic, nil: self = .atomic
    }
  }
}
