/// What expressions of admission may name.
public enum AdmissionVariables {
  /// - Parameters:
  ///   - object: what the object is known to be.
  ///   - params: what the parameters are known to be; nil where there are none to name.
  ///   - definitions: the variables that stand before the expression; nil where it may name none.
  ///   - isMutation: the expression may make objects and patches.
  public static func types(
    object: ValueType = .dynamic, params: ValueType?, hasAuthorizer: Bool = true,
    definitions: [String: ValueType]? = nil,
    isMutation: Bool = false
  ) -> [String: ValueType] {
    var result: [String: ValueType] = [
      "object": object, "oldObject": object, "request": request, "namespaceObject": namespace,
    ]
    result["params"] = params
    if isMutation { result[Checker.mutating] = .dynamic }
    if hasAuthorizer { result["authorizer"] = .authorizer }
    if let definitions {
      let fields = definitions.map { ($0.key, ObjectType.Field(key: $0.key, type: $0.value)) }
      result[Definitions.variable] = .object(
        ObjectType(name: "kubernetes.variables", fields: Dictionary(fields) { _, last in last }))
    }
    return result
  }

  private static func object(_ name: String, _ fields: [String: ValueType]) -> ValueType {
    let fields = fields.map { ($0.key, ObjectType.Field(key: $0.key, type: $0.value)) }
    return .object(ObjectType(name: "kubernetes.\(name)", fields: Dictionary(uniqueKeysWithValues: fields)))
  }

  private static let kind = object("GroupVersionKind", ["group": .string, "version": .string, "kind": .string])
  private static let resource = object(
    "GroupVersionResource", ["group": .string, "version": .string, "resource": .string])

  /// `request`: the AdmissionRequest without the objects.
  public static let request = object(
    "AdmissionRequest",
    [
      "kind": kind, "resource": resource, "subResource": .string, "requestKind": kind, "requestResource": resource,
      "requestSubResource": .string, "name": .string, "namespace": .string, "operation": .string,
      "userInfo": object(
        "UserInfo",
        [
          "username": .string, "uid": .string, "groups": .list(.string), "extra": .map(.string, .list(.string)),
        ]),
      "dryRun": .bool, "options": .dynamic,
    ])

  /// `namespaceObject`: what may be asked of the namespace.
  public static let namespace = object(
    "Namespace",
    [
      "metadata": object(
        "NamespaceMetadata",
        [
          "name": .string, "generateName": .string, "namespace": .string, "labels": .map(.string, .string),
          "annotations": .map(.string, .string), "UID": .string, "creationTimestamp": .timestamp,
          "deletionGracePeriodSeconds": .int, "deletionTimestamp": .timestamp, "generation": .int,
          "resourceVersion": .string, "finalizers": .list(.string),
        ]),
      "spec": object("NamespaceSpec", ["finalizers": .list(.string)]),
      "status": object("NamespaceStatus", ["phase": .string]),
    ])
}
