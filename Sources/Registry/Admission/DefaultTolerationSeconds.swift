import JSONCore
import Objects

/// Pods stay for five minutes on a node that is not ready or not reachable, unless they say otherwise.
enum DefaultTolerationSeconds {
  private static let keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
  private static let seconds = 300

  private static let added = [String: JSON](
    uniqueKeysWithValues: keys.map { key in
      (key, ["key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": JSON(seconds)])
    })

  static func admit(_ pod: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.resource == .pods, context.subresource == nil else { return }
    // An untouched spec has them.
    if let old, pod.hasSame("spec", as: old) { return }
    let tolerations = pod["spec"]?.list("tolerations") ?? []
    let missing = keys.filter { key in
      !tolerations.contains { toleration in
        let effect = toleration.text("effect")
        let given = toleration.text("key")
        return (given == key || given.isEmpty) && (effect == "NoExecute" || effect.isEmpty)
      }
    }
    if missing.isEmpty { return }
    pod["spec", default: .emptyObject]["tolerations"] = .array(tolerations + missing.compactMap { added[$0] })
  }
}
