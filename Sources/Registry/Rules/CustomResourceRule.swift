import JSONCore
import Objects
import Schemas
import Storage
import Validation

/// Custom resources: what their definition asks of them beyond the types of their fields.
enum CustomResourceRule: KindRule {
  static func prepareCreate(_ object: inout JSON, _ context: inout WriteContext) throws(Status) {
    if context.kind.custom?.isTerminating == true { throw terminating(context.resource) }
  }

  private static func terminating(_ resource: GroupResource) -> Status {
    Status(
      code: 405, reason: "MethodNotAllowed",
      message: "create not allowed while custom resource definition is terminating",
      details: Status.Details(group: resource.group, kind: resource.resource))
  }

  /// A write goes only where the definition that it was made by still stands: under another one the object would pass for
  /// what that one wants, and after the end of all it would be out of reach.
  static func definitionGuard(
    _ kind: Kind, _ operation: WriteContext.Operation, _ name: String
  ) -> WriteGuard? {
    guard let custom = kind.custom else { return nil }
    let resource = kind.resource
    let key = Key(.definitions, name: "\(resource.resource).\(resource.group)")
    let check: Write.Check = { snapshot throws(Status) in
      guard let definition = snapshot[key] else { throw .noSuchPath }
      if definition.revision == custom.revision { return }
      let json = definition.json
      if operation == .create, json.at("metadata", "deletionTimestamp") != nil { throw terminating(resource) }
      guard CustomKind.Definition(json) == custom.definition else {
        throw .conflict(
          resource, name, "the custom resource definition has been modified; please apply your changes again")
      }
    }
    return WriteGuard(of: [.definitions], check)
  }

  /// - Parameter object: in the version of the request, whose schema it is judged by.
  static func faults(_ object: JSON, old: JSON?, _ context: WriteContext) -> [FieldError] {
    guard let schema = context.kind.custom?.schema else { return [] }
    var faults: [FieldError]
    if context.subresource != "status" {
      faults = schema.faults(object, replacing: old)
    } else if let status = object["status"], let part = schema.property("status") {
      faults = part.faults(status, replacing: old?["status"], at: "status")
    } else {
      faults = []
    }
    let duplicates = schema.duplicates(in: object)
    // An object that had some may go on having them.
    if !duplicates.isEmpty, old.map({ schema.duplicates(in: $0).isEmpty }) ?? true { faults += duplicates }
    guard schema.hasRules else { return faults }
    // Expressions rely on types and bounds.
    guard !faults.contains(where: { blocking.contains($0.reason) }) else { return faults + [unchecked] }
    faults += schema.ruleFaults(object, replacing: old)
    return faults
  }

  private static let blocking: Set<FieldError.Reason> = [.required, .tooLong, .tooMany, .typeInvalid]

  private static let unchecked = FieldError(
    reason: .invalid, field: "<nil>",
    message: "Invalid value: null: some validation rules were not checked because the object was invalid; correct the "
      + "existing errors to complete validation")
}
