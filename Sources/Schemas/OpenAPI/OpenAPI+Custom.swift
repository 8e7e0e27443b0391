import JSONCore

/// The types of custom resources: their own schemas, with what every object and list has around them.
extension OpenAPI {
  static func customTypes(_ kinds: [Kind]) -> [String: (v2: JSON, v3: JSON)] {
    var result: [String: (v2: JSON, v3: JSON)] = [:]
    for kind in kinds {
      guard let custom = kind.custom else { continue }
      let name = kind.schema.name
      result[name] = (object(kind, custom, .v2), object(kind, custom, .v3))
      result[name + "List"] = (list(kind, .v2), list(kind, .v3))
    }
    return result
  }

  private static func object(_ kind: Kind, _ custom: CustomKind, _ dialect: Dialect) -> JSON {
    let source = custom.schema.source
    // A schema that lets everything through says nothing that version 2 could tell.
    let isOpen = dialect == .v2 && source["x-kubernetes-preserve-unknown-fields"]?.bool == true
    var result = isOpen ? ["type": "object"] : dialect == .v2 ? plain(source) : source
    var properties = result["properties"]?.object ?? Members()
    properties["apiVersion"] = text("APIVersion defines the group and version that the object is written in.")
    properties["kind"] = text("Kind is the name of the object's kind, in CamelCase.")
    properties["metadata"] = refer(
      to: "ObjectMeta", "Standard object's metadata: name, labels, owners and their like.", dialect)
    result["properties"] = isOpen ? nil : .object(properties)
    result["x-kubernetes-group-version-kind"] = [kind.groupVersionKind.json]
    return result
  }

  private static func list(_ kind: Kind, _ dialect: Dialect) -> JSON {
    let identity = GroupVersionKind(group: kind.group, version: kind.version, kind: kind.listName)
    return [
      "description": .string("\(kind.listName) is a list of \(kind.name)"), "type": "object", "required": ["items"],
      "properties": [
        "apiVersion": text("The group and version that the list is written in."),
        "kind": text("The kind of the list, in CamelCase."),
        "items": [
          "type": "array", "description": .string("The objects of kind \(kind.name)."),
          "items": reference(kind.schema.name, dialect),
        ],
        "metadata": refer(to: "ListMeta", "The version of the list, and where it goes on.", dialect),
      ],
      "x-kubernetes-group-version-kind": [identity.json],
    ]
  }

  private static func text(_ description: String) -> JSON { ["type": "string", "description": .string(description)] }

  private static func refer(to type: String, _ description: String, _ dialect: Dialect) -> JSON {
    let target = reference("io.k8s.apimachinery.pkg.apis.meta.v1." + type, dialect)
    if dialect == .v3 { return ["allOf": [target], "description": .string(description)] }
    var result = target
    result["description"] = .string(description)
    return result
  }

  /// What version 2 cannot say is left out: clients then take the value as it comes.
  private static func plain(_ schema: JSON) -> JSON {
    guard var members = schema.object else { return schema }
    for word in ["oneOf", "anyOf", "allOf", "not"] { members[word] = nil }
    if members.removeValue(forKey: "nullable")?.bool == true {
      for word in ["type", "items", "properties"] { members[word] = nil }
    }
    if members["x-kubernetes-preserve-unknown-fields"]?.bool == true {
      for word in ["type", "items", "properties"] { members[word] = nil }
    }
    if let properties = members["properties"]?.object {
      members["properties"] = .object(Members(properties.map { ($0.key, plain($0.value)) }))
    }
    for word in ["items", "additionalProperties"] where members[word]?.object != nil {
      members[word] = members[word].map(plain)
    }
    return .object(members)
  }
}
