import JSONCore
import Objects
import Schemas
import Validation

extension Cluster {
  /// Everything that happens to a changed object before it is stored.
  func judgeUpdate(_ object: inout JSON, old: JSON, _ context: inout WriteContext) async throws(Status) {
    try admit(&object, old: old, &context)
    if context.extenders != nil { try await mutate(&object, old: old, &context) }
    try prepareUpdate(&object, old: old, &context)
    if context.extenders != nil { try await askWebhooks(object, old: old, &context) }
    try ResourceQuotaAdmission.validate(object, old, &context)
  }

  /// What happens to a changed object between those who may change it and those who judge it from outside.
  func prepareUpdate(_ object: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status) {
    keepForeignParts(&object, old: old, context)
    keepServerMetadata(&object, old: old)
    try context.strategy.rule?.prepareUpdate(&object, old: old, &context)
    countGeneration(&object, old: old, context)
    let new = try judged(object, from: context.kind)
    let before = try judged(old, from: context.kind)
    let isNamespaced = context.kind.isNamespaced
    let faults =
      if let subresource = context.subresource {
        Validation.update(context.resource, subresource, new: new, old: before, isNamespaced: isNamespaced)
      } else {
        Validation.update(context.resource, new: new, old: before, isNamespaced: isNamespaced)
      }
    let errors = faults + CustomResourceRule.faults(object, old: old, context)
    guard errors.isEmpty else { throw invalid(context.kind, context.name, errors) }
    if context.subresource == nil {
      context.warnings += Warnings.update(context.resource, new: new, old: before)
      context.strategy.rule?.finish(&object)
    }
    try validateAdmission(object, old: old, &context)
  }
}
