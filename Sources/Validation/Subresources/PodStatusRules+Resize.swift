import JSONCore
import Objects

extension PodStatusRules {
  /// Containers may ask for more or less CPU and memory, as long as the class of the pod stays and nothing is taken back.
  static let resize: Validation.Change = { new, old, findings in
    PodRules.rule.object(new, &findings)
    let path = Path("spec")
    if old.at("metadata", "annotations", "kubernetes.io/config.mirror") != nil {
      findings.forbidden("", "static pods cannot be resized")
    }
    if old.at("spec", "os", "name")?.string == "windows" { findings.forbidden("", "windows pods cannot be resized") }
    let quality = QualityOfService(new)
    if quality.rawValue != (old.at("status", "qosClass")?.string ?? QualityOfService(old).rawValue) {
      findings.invalid(path, .string(quality.rawValue), "Pod QOS Class may not change as a result of resizing")
    }
    let lists = ["initContainers", "containers"]
    // Only containers that are still the same can be compared.
    guard lists.allSatisfy({ isInOrder(new, old, $0, &findings) }) else { return }
    var isOnlyUsual = true
    for list in lists {
      let before = old["spec"]?.list(list) ?? []
      for ((path, after), before) in zip(findings.elements(new["spec"]?[list], path.child(list)), before) {
        if others(after["resources"]) != others(before["resources"]) { isOnlyUsual = false }
        for kind in ["limits", "requests"] {
          let kept = Set(after.at("resources", kind)?.object?.map(\.key) ?? [])
          let had = before.at("resources", kind)?.object?.map(\.key) ?? []
          if had.contains(where: { !kept.contains($0) }) {
            findings.forbidden(path.child("resources").child(kind), "resource \(kind) cannot be removed")
          }
        }
      }
    }
    if !isOnlyUsual { findings.forbidden(path, "only cpu and memory resources are mutable") }
  }

  private static func isInOrder(_ new: JSON, _ old: JSON, _ list: String, _ findings: inout Findings) -> Bool {
    let (before, after) = (old["spec"]?.list(list) ?? [], new["spec"]?.list(list) ?? [])
    let path = Path("spec").child(list)
    if before.count != after.count {
      findings.forbidden(path, "\(list) may not be added or removed on resize")
      return false
    }
    let moved = zip(findings.elements(new["spec"]?[list], path), before).filter {
      $0.0.1.text("name") != $0.1.text("name")
    }
    for ((path, _), _) in moved {
      findings.forbidden(path.child("name"), "\(list) may not be renamed or reordered on resize")
    }
    return moved.isEmpty
  }

  private static func others(_ resources: JSON?) -> JSON {
    var rest = resources ?? .emptyObject
    for list in ["limits", "requests"] {
      for name in ["cpu", "memory"] where rest[list] != nil { rest[list, default: .emptyObject][name] = nil }
      if rest[list]?.object?.isEmpty == true { rest[list] = nil }
    }
    return rest
  }
}
