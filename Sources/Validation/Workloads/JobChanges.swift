import JSONCore
import Objects

/// What an update may do to a job's template.
enum JobChanges {
  /// A job that never ran may still be sent to other nodes, and ask for more or less.
  static func template(_ after: JSON, _ old: JSON, _ findings: inout Findings) {
    let before = old["spec"] ?? .emptyObject
    if after["template"] == before["template"] { return }
    if before["suspend"]?.bool == true, old.at("status", "startTime") == nil,
      fixed(after["template"]) == fixed(before["template"])
    {
      return
    }
    findings.immutable("spec.template", new: after["template"], old: before["template"])
  }

  private static func fixed(_ template: JSON?) -> JSON {
    var template = template ?? .emptyObject
    var spec = template["spec"] ?? .emptyObject
    for field in ["nodeSelector", "tolerations", "schedulingGates"] { spec[field] = nil }
    if var affinity = spec["affinity"] {
      affinity["nodeAffinity"] = nil
      spec["affinity"] = affinity.object?.isEmpty == true ? nil : affinity
    }
    for list in ["containers", "initContainers"] where spec[list] != nil {
      spec[list] = .array(
        spec.list(list).map { container in
          var container = container
          container["resources"] = nil
          return container
        })
    }
    template["spec"] = spec
    template["metadata"] = nil
    return template
  }
}
