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
    guard context.subresource == "status" else {
      return schema.faults(object, replacing: old) + schema.duplicates(in: object)
    }
    guard let status = object["status"], let part = schema.property("status") else { return [] }
    return part.faults(status, replacing: old?["status"], at: "status") + part.duplicates(in: status, at: "status")
  }
}
