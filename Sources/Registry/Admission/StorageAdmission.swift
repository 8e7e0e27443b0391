import JSONCore
import Objects

/// Claims and volumes stay while something uses them.
enum StorageObjectInUseProtection {
  private static let finalizers: [GroupResource: String] = [
    .claims: "kubernetes.io/pvc-protection",
    .volumes: "kubernetes.io/pv-protection",
    GroupResource("storage.k8s.io", "volumeattributesclasses"): "kubernetes.io/vac-protection",
  ]

  static func admit(_ object: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.operation == .create, context.subresource == nil, let finalizer = finalizers[context.resource],
      !object.finalizers.contains(finalizer)
    else { return }
    object["metadata", default: .emptyObject].append(.string(finalizer), to: "finalizers")
  }
}

/// A claim without a class gets the default one.
enum DefaultStorageClass {
  private static let annotations = [
    "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class",
  ]

  static func admit(_ claim: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.isCreate(of: .claims), claim.at("spec", "storageClassName") == nil,
      claim.at("metadata", "annotations", "volume.beta.kubernetes.io/storage-class") == nil
    else { return }
    guard let name = DefaultClass.newest(.storageClasses, annotations, context.snapshot) else { return }
    claim["spec", default: .emptyObject]["storageClassName"] = .string(name)
  }
}

/// An ingress without a class gets the default one.
enum DefaultIngressClass {
  private static let annotations = ["ingressclass.kubernetes.io/is-default-class"]

  static func admit(_ ingress: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.isCreate(of: .ingresses), ingress.at("spec", "ingressClassName") == nil,
      ingress.at("metadata", "annotations", "kubernetes.io/ingress.class") == nil
    else { return }
    guard let name = DefaultClass.newest(.ingressClasses, annotations, context.snapshot) else { return }
    ingress["spec", default: .emptyObject]["ingressClassName"] = .string(name)
  }
}

/// Classes that are marked as the default of their resource.
enum DefaultClass {
  /// The one that was made last; of several made at the same time the first by name.
  static func newest(_ resource: GroupResource, _ annotations: [String], _ snapshot: Snapshot) -> String? {
    var best: (name: String, created: String)?
    for object in snapshot.objects(resource) {
      let metadata = object.metadata?.decoded() ?? .emptyObject
      guard annotations.contains(where: { metadata.at("annotations", $0)?.string == "true" }) else { continue }
      let created = metadata.text("creationTimestamp")
      if best.map({ created > $0.created }) ?? true { best = (object.name, created) }
    }
    return best?.name
  }
}
