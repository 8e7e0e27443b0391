import JSONCore
import Objects
import Reconciling

/// The claims of a pod's volumes: they must exist, and be bound unless their class waits for the first consumer.
struct VolumeClaims {
  /// What keeps the pod from any node, in the words of the message; nil when nothing does.
  private(set) var problem: String?
  private var waiting: [Object] = []

  static let selectedNode = "volume.kubernetes.io/selected-node"

  init(_ pod: PodNeeds, _ snapshot: Snapshot) {
    for name in pod.claims {
      let key = Key(.persistentVolumeClaims, namespace: pod.key.namespace, name: name)
      guard let object = snapshot[key] else {
        problem = "persistentvolumeclaim \"\(name)\" not found"
        return
      }
      let claim = object.json
      if claim.isBeingDeleted {
        problem = "persistentvolumeclaim \"\(name)\" is being deleted"
        return
      }
      if !(claim["spec"]?.text("volumeName") ?? "").isEmpty { continue }
      let className = claim["spec"]?.text("storageClassName") ?? ""
      let storageClass = snapshot[Key(.storageClasses, name: className)]?.json
      if storageClass?.text("volumeBindingMode") == "WaitForFirstConsumer" {
        if claim.annotation(Self.selectedNode) == nil { waiting.append(object) }
      } else {
        problem = "pod has unbound immediate PersistentVolumeClaims"
      }
    }
  }

  /// Tells the waiting claims where they will be used.
  func selections(_ node: String) -> [Action] {
    waiting.map { .patch($0.key, ["metadata": ["annotations": [Self.selectedNode: .string(node)]]]) }
  }
}
