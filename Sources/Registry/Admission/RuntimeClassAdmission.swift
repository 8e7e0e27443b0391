import JSONCore
import Objects

/// Gives a pod the overhead and the placement that its runtime class asks for.
enum RuntimeClassAdmission {
  static func admit(_ pod: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.isCreate(of: .pods) else { return }
    let name = pod["spec"]?.text("runtimeClassName") ?? ""
    let given = pod["spec"]?["overhead"]
    if name.isEmpty {
      if let given, given.object?.isEmpty == false {
        throw context.forbidden("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")
      }
      return
    }
    guard let runtime = context.snapshot[Key(.runtimeClasses, name: name)]?.json else {
      throw context.forbidden("pod rejected: RuntimeClass \(Status.quoted(name)) not found")
    }
    let overhead = runtime.at("overhead", "podFixed")
    if let given, given.object?.isEmpty == false, given != overhead {
      throw context.forbidden(
        "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    }
    if let overhead { pod["spec", default: .emptyObject]["overhead"] = overhead }
    try place(&pod, runtime["scheduling"], context)
  }

  private static func place(_ pod: inout JSON, _ scheduling: JSON?, _ context: WriteContext) throws(Status) {
    guard let scheduling else { return }
    var selector = pod["spec"]?["nodeSelector"] ?? .emptyObject
    for (key, value) in scheduling["nodeSelector"]?.object ?? Members() {
      if let present = selector[key], present != value {
        throw context.forbidden(
          "pod rejected: conflict: runtimeClass.scheduling.nodeSelector[\(key)] = \(value.string ?? ""); "
            + "pod.spec.nodeSelector[\(key)] = \(present.string ?? "")")
      }
      selector[key] = value
    }
    if selector.object?.isEmpty == false { pod["spec", default: .emptyObject]["nodeSelector"] = selector }
    var tolerations = pod["spec"]?.list("tolerations") ?? []
    for toleration in scheduling.list("tolerations") where !tolerations.contains(toleration) {
      tolerations.append(toleration)
    }
    if !tolerations.isEmpty { pod["spec", default: .emptyObject]["tolerations"] = .array(tolerations) }
  }
}
