import JSONCore
import Objects
import Schemas

/// CustomResourceDefinitions: which versions objects were ever stored in, and a finalizer that keeps the definition until
/// its objects are gone.
enum DefinitionRule: KindRule {
  static func prepareCreate(_ definition: inout JSON, _ context: inout WriteContext) throws(Status) {
    definition["status"] = ["acceptedNames": ["kind": "", "plural": ""], "conditions": .null, "storedVersions": .null]
    noteStorage(&definition)
  }

  static func prepareUpdate(_ definition: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status) {
    if context.subresource == nil { noteStorage(&definition) }
  }

  private static func noteStorage(_ definition: inout JSON) {
    let versions = definition["spec"]?.list("versions") ?? []
    guard let storage = versions.first(where: { $0["storage"]?.bool == true })?["name"] else { return }
    let stored = definition["status"]?.list("storedVersions") ?? []
    if !stored.contains(storage) {
      definition["status", default: .emptyObject]["storedVersions"] = .array(stored + [storage])
    }
  }

  /// What a first deletion does: the definition waits for its objects, and says so.
  static func beginDeletion(_ definition: inout JSON, at now: String) {
    if !definition.finalizers.contains(CustomKind.finalizer) {
      definition["metadata", default: .emptyObject]["finalizers"] = JSON(definition.finalizers + [CustomKind.finalizer])
    }
    var conditions = (definition["status"]?.list("conditions") ?? []).filter { $0.text("type") != "Terminating" }
    conditions.append([
      "type": "Terminating", "status": "True", "lastTransitionTime": .string(now), "reason": "InstanceDeletionPending",
      "message": "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    ])
    definition["status", default: .emptyObject]["conditions"] = .array(conditions)
  }
}
