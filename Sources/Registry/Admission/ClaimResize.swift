import JSONCore
import Objects

/// A claim grows only when its volume can (`PersistentVolumeClaimResize`).
enum ClaimResize {
  static func validate(_ claim: JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.resource == .claims, context.subresource == nil, let old, let wanted = size(of: claim),
      let before = size(of: old), wanted > before
    else { return }
    if old["status"]?.text("phase") != "Bound" {
      throw context.forbidden("Only bound persistent volume claims can be expanded")
    }
    let name = storageClass(of: claim)
    let isExpandable =
      !name.isEmpty && name == storageClass(of: old)
      && context.snapshot[Key(.storageClasses, name: name)]?.json["allowVolumeExpansion"]?.bool == true
    if isExpandable { return }
    throw context.forbidden(
      "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
    )
  }

  private static func size(of claim: JSON) -> Quantity? {
    claim.at("spec", "resources", "requests", "storage").flatMap { Quantity($0) }
  }

  private static func storageClass(of claim: JSON) -> String {
    claim.at("metadata", "annotations", "volume.beta.kubernetes.io/storage-class")?.string
      ?? claim["spec"]?.text("storageClassName") ?? ""
  }
}
