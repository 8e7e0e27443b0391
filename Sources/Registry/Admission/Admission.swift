import JSONCore
import Objects

/// Admission: each step is a pure function of the object, the one it replaces, and the context; it may complete the object
/// or refuse the write with a 403. The order is that of the stock server.
extension Cluster {
  /// The steps that may change the object.
  func admit(_ object: inout JSON, old: JSON?, _ context: inout WriteContext) throws(Status) {
    try NamespaceLifecycle.admit(&object, old, &context)
    try LimitRanger.admit(&object, old, &context)
    try ServiceAccountAdmission.admit(&object, old, &context)
    try NodeRestriction.admit(&object, old, &context)
    try TaintNodesByCondition.admit(&object, old, &context)
    try PriorityAdmission.admit(&object, old, &context)
    try DefaultTolerationSeconds.admit(&object, old, &context)
    try DefaultStorageClass.admit(&object, old, &context)
    try StorageObjectInUseProtection.admit(&object, old, &context)
    try RuntimeClassAdmission.admit(&object, old, &context)
    try DefaultIngressClass.admit(&object, old, &context)
    try PodTopologyLabels.admit(&object, old, &context)
  }

  /// The steps that judge the finished object. Webhooks come after them, and the quota after those.
  func validateAdmission(_ object: JSON, old: JSON?, _ context: inout WriteContext) throws(Status) {
    try LimitRanger.validate(object, &context)
    try PodSecurity.validate(object, old, &context)
    try ClaimResize.validate(object, old, &context)
    try CertificateApproval.validate(object, old, &context)
    try CertificateSigning.validate(object, old, &context)
    try CertificateSubjectRestriction.validate(object, old, &context)
    if context.extenders != nil { try judge(object, old: old, &context) }
  }
}

extension WriteContext {
  func isCreate(of resource: GroupResource) -> Bool {
    operation == .create && subresource == nil && self.resource == resource
  }
}
