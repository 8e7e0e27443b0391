import JSONCore
import Objects

/// How pods are spread, and next to which others they may stand.
extension Findings {
  mutating func topologySpread(_ constraints: JSON?, _ path: Path) {
    let all = constraints?.array ?? []
    for (index, constraint) in all.enumerated() {
      let path = path.index(index)
      if constraint["maxSkew"]?.int ?? 0 <= 0 {
        invalid(path.child("maxSkew"), constraint["maxSkew"] ?? 0, "must be greater than zero")
      }
      let key = constraint.text("topologyKey")
      if key.isEmpty { required(path.child("topologyKey"), "can not be empty") }
      let action = constraint.text("whenUnsatisfiable")
      supported(path.child("whenUnsatisfiable"), action, ["DoNotSchedule", "ScheduleAnyway"])
      // The earlier one of two is told of.
      if all[(index + 1)...].contains(where: {
        $0.text("topologyKey") == key && $0.text("whenUnsatisfiable") == action
      }) {
        duplicate(path.child("{topologyKey, whenUnsatisfiable}"), .string("{\(key), \(action)}"))
      }
      if let minimum = constraint["minDomains"]?.int {
        if minimum <= 0 { invalid(path.child("minDomains"), JSON(minimum), "must be greater than zero") }
        if action != "DoNotSchedule" {
          invalid(
            path.child("minDomains"), JSON(minimum),
            "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not \(action)")
        }
      }
      for field in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
        if let policy = constraint[field]?.string { supported(path.child(field), policy, ["Honor", "Ignore"]) }
      }
      spreadKeys(constraint, path.child("matchLabelKeys"))
      labelSelector(constraint["labelSelector"], path.child("labelSelector"))
    }
  }

  private mutating func spreadKeys(_ constraint: JSON, _ path: Path) {
    let keys = constraint.list("matchLabelKeys").compactMap(\.string)
    if keys.isEmpty { return }
    let selector = constraint["labelSelector"]
    if selector == nil { forbidden(path, "must not be specified when labelSelector is not set") }
    let selected = Set(
      (selector?["matchLabels"]?.object?.allKeys ?? [])
        + (selector?.list("matchExpressions").map { $0.text("key") } ?? []))
    for (index, key) in keys.enumerated() {
      invalid(path.index(index), key, messages: Names.qualified(key))
      if selected.contains(key) {
        invalid(path.index(index), .string(key), "exists in both matchLabelKeys and labelSelector")
      }
    }
  }

  /// Labels of the pod itself that the pods of an affinity term have to share, or must not share.
  mutating func matchLabelKeys(_ term: JSON, _ path: Path) {
    let same = term.list("matchLabelKeys").compactMap(\.string)
    let other = term.list("mismatchLabelKeys").compactMap(\.string)
    if same.isEmpty, other.isEmpty { return }
    for (field, keys) in [("matchLabelKeys", same), ("mismatchLabelKeys", other)] where !keys.isEmpty {
      let path = path.child(field)
      if term["labelSelector"] == nil {
        forbidden(path, "must not be specified when labelSelector is not set")
        continue
      }
      for (index, key) in keys.enumerated() { invalid(path.index(index), key, messages: Names.qualified(key)) }
    }
    var selected = Set(term.at("labelSelector", "matchLabels")?.object?.allKeys ?? [])
    for expression in term["labelSelector"]?.list("matchExpressions") ?? [] {
      let key = expression.text("key")
      if let index = same.lastIndex(of: key), selected.contains(key) {
        invalid(path.index(index), .string(key), "exists in both matchLabelKeys and labelSelector")
      }
      selected.insert(key)
    }
    for (index, key) in same.enumerated() where other.contains(key) {
      invalid(
        path.child("matchLabelKeys").index(index), .string(key),
        "exists in both matchLabelKeys and mismatchLabelKeys")
    }
  }
}
