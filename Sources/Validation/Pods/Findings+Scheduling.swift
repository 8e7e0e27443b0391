import JSONCore
import Objects

extension Findings {
  mutating func tolerations(_ tolerations: JSON?, _ path: Path) {
    for (path, toleration) in elements(tolerations, path) {
      let key = toleration.text("key")
      let kind = toleration.text("operator")
      if !key.isEmpty { invalid(path.child("key"), key, messages: Names.qualified(key)) }
      if key.isEmpty, kind != "Exists" {
        invalid(
          path.child("operator"), .string(kind),
          "operator must be Exists when `key` is empty, which means \"match all values and all keys\"")
      }
      if toleration["tolerationSeconds"] != nil, toleration.text("effect") != "NoExecute" {
        invalid(
          path.child("effect"), .string(toleration.text("effect")),
          "effect must be 'NoExecute' when `tolerationSeconds` is set")
      }
      switch kind {
      case "Equal", "":
        let messages = Names.labelValue(toleration.text("value"))
        if !messages.isEmpty {
          invalid(
            path.child("operator"), .string(toleration.text("value")), messages.joined(separator: ";"))
        }
      case "Exists":
        if !toleration.text("value").isEmpty {
          invalid(path.child("operator"), toleration["value"], "value must be empty when `operator` is 'Exists'")
        }
      default: add(.notSupported(path.child("operator"), .string(kind), ["Equal", "Exists"]))
      }
      if !toleration.text("effect").isEmpty {
        oneOf(path.child("effect"), toleration.text("effect"), ["NoSchedule", "PreferNoSchedule", "NoExecute"])
      }
    }
  }

  mutating func affinity(_ affinity: JSON?, _ path: Path) {
    guard let affinity else { return }
    if let node = affinity["nodeAffinity"] { nodeAffinity(node, path.child("nodeAffinity")) }
    for kind in ["podAffinity", "podAntiAffinity"] {
      guard let terms = affinity[kind] else { continue }
      let path = path.child(kind)
      let hard = "requiredDuringSchedulingIgnoredDuringExecution"
      for (path, term) in elements(terms[hard], path.child(hard)) { podAffinityTerm(term, path) }
      let soft = "preferredDuringSchedulingIgnoredDuringExecution"
      for (path, weighted) in elements(terms[soft], path.child(soft)) {
        weight(weighted, path)
        podAffinityTerm(weighted["podAffinityTerm"] ?? .emptyObject, path.child("podAffinityTerm"))
      }
    }
  }

  private mutating func weight(_ weighted: JSON, _ path: Path) {
    let weight = weighted["weight"]?.int ?? 0
    if !(1...100).contains(weight) {
      invalid(path.child("weight"), JSON(weight), "must be in the range 1-100")
    }
  }

  private mutating func nodeAffinity(_ affinity: JSON, _ path: Path) {
    let hard = "requiredDuringSchedulingIgnoredDuringExecution"
    if let selector = affinity[hard] { nodeSelector(selector, path.child(hard)) }
    let soft = "preferredDuringSchedulingIgnoredDuringExecution"
    for (path, weighted) in elements(affinity[soft], path.child(soft)) {
      if weighted["weight"]?.int ?? 0 <= 0 || weighted["weight"]?.int ?? 0 > 100 {
        invalid(path.child("weight"), weighted["weight"] ?? 0, "must be in the range 1-100")
      }
      nodeSelectorTerm(weighted["preference"] ?? .emptyObject, path.child("preference"), judgesValues: false)
    }
  }

  mutating func nodeSelector(_ selector: JSON, _ path: Path) {
    let path = path.child("nodeSelectorTerms")
    if selector.list("nodeSelectorTerms").isEmpty {
      return required(path, "must have at least one node selector term")
    }
    for (path, term) in elements(selector["nodeSelectorTerms"], path) { nodeSelectorTerm(term, path) }
  }

  /// - Parameter judgesValues: values that no label can have are a fault where they are required, else a warning.
  private mutating func nodeSelectorTerm(_ term: JSON, _ path: Path, judgesValues: Bool = true) {
    for (path, requirement) in elements(term["matchExpressions"], path.child("matchExpressions")) {
      let values = requirement.list("values")
      for (path, value) in elements(requirement["values"], path.child("values")) where judgesValues {
        invalid(path, value.string ?? "", messages: Names.labelValue(value.string ?? ""))
      }
      switch requirement.text("operator") {
      case "In", "NotIn":
        if values.isEmpty {
          required(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'")
        }
      case "Exists", "DoesNotExist":
        if !values.isEmpty {
          forbidden(path.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        }
      case "Gt", "Lt":
        if values.count != 1 {
          required(path.child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'")
        }
      default: invalid(path.child("operator"), requirement["operator"] ?? "", "not a valid selector operator")
      }
      invalid(path.child("key"), requirement.text("key"), messages: Names.qualified(requirement.text("key")))
    }
    for (path, requirement) in elements(term["matchFields"], path.child("matchFields")) {
      if requirement.list("values").count != 1 {
        required(
          path.child("values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")
      }
      if !["In", "NotIn"].contains(requirement.text("operator")) {
        invalid(path.child("operator"), requirement["operator"] ?? "", "not a valid selector operator")
      }
      if requirement.text("key") == "metadata.name" {
        for (path, value) in elements(requirement["values"], path.child("values")) {
          invalid(path, value.string ?? "", messages: Names.subdomain(value.string ?? ""))
        }
      } else {
        invalid(path.child("key"), requirement["key"] ?? "", "not a valid field selector key")
      }
    }
  }

  private mutating func podAffinityTerm(_ term: JSON, _ path: Path) {
    labelSelector(term["labelSelector"], path.child("labelSelector"))
    labelSelector(term["namespaceSelector"], path.child("namespaceSelector"))
    for namespace in term.list("namespaces").compactMap(\.string) {
      invalid(path.child("namespace"), namespace, messages: Names.label(namespace))
    }
    matchLabelKeys(term, path)
    let key = term.text("topologyKey")
    if key.isEmpty { required(path.child("topologyKey"), "can not be empty") }
    invalid(path.child("topologyKey"), key, messages: Names.qualified(key))
  }

  /// A `metav1.LabelSelector`.
  mutating func labelSelector(_ selector: JSON?, _ path: Path) {
    guard let selector else { return }
    labels(selector["matchLabels"], path.child("matchLabels"))
    for (path, requirement) in elements(selector["matchExpressions"], path.child("matchExpressions")) {
      let values = requirement.list("values")
      switch requirement.text("operator") {
      case "In", "NotIn":
        if values.isEmpty { required(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'") }
      case "Exists", "DoesNotExist":
        if !values.isEmpty {
          forbidden(path.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        }
      default: invalid(path.child("operator"), requirement["operator"] ?? "", "not a valid selector operator")
      }
      invalid(path.child("key"), requirement.text("key"), messages: Names.qualified(requirement.text("key")))
      for (path, value) in elements(requirement["values"], path.child("values")) {
        invalid(path, value.string ?? "", messages: Names.labelValue(value.string ?? ""))
      }
    }
  }
}
