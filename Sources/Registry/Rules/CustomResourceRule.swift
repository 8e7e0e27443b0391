import JSONCore
import Objects
import Schemas
import Validation

/// Custom resources: what their definition asks of them beyond the types of their fields.
enum CustomResourceRule: KindRule {
  static func prepareCreate(_ object: inout JSON, _ context: inout WriteContext) throws(Status) {
    guard context.kind.custom?.isTerminating == true else { return }
    throw Status(
      code: 405, reason: "MethodNotAllowed",
      message: "create not allowed while custom resource definition is terminating",
      details: Status.Details(group: context.resource.group, kind: context.resource.resource))
  }

  /// - Parameter object: as it would be stored, in the version of the request.
  static func faults(_ object: JSON, old: JSON?, _ context: WriteContext) -> [FieldError] {
    guard let schema = context.kind.custom?.schema else { return [] }
    var faults: [FieldError]
    if context.subresource != "status" {
      faults = schema.faults(object, replacing: old) + schema.duplicates(in: object)
    } else if let status = object["status"], let part = schema.property("status") {
      faults = part.faults(status, replacing: old?["status"], at: "status") + part.duplicates(in: status, at: "status")
    } else {
      faults = []
    }
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
