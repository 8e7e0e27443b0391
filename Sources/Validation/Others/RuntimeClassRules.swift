import JSONCore
import Objects

/// Rules of `runtimeclasses`.
enum RuntimeClassRules {
  static let rule = Rule(
    object: { object, findings in
      let handler = object.text("handler")
      findings.invalid("handler", handler, messages: Names.label(handler))
      if let overhead = object.at("overhead", "podFixed") {
        findings.resources(["limits": overhead], "overhead.podFixed", claims: [])
      }
      guard let scheduling = object["scheduling"] else { return }
      findings.labels(scheduling["nodeSelector"], "scheduling.nodeSelector")
      findings.tolerations(scheduling["tolerations"], "scheduling.tolerations")
      let tolerations = scheduling.list("tolerations")
      for (index, toleration) in tolerations.enumerated() where tolerations[..<index].contains(toleration) {
        findings.duplicate(Path("scheduling.tolerations").index(index), toleration)
      }
    },
    update: { new, old, findings in findings.immutable("handler", new: new["handler"], old: old["handler"]) })
}
