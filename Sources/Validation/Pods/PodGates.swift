import JSONCore
import Objects

/// What may still change of a pod that scheduling gates hold back: it may be bound to fewer nodes.
enum PodGates {
  private static let hard = "requiredDuringSchedulingIgnoredDuringExecution"

  /// Judges what became narrower, and makes it equal for the comparison of the rest.
  static func narrow(_ new: inout JSON, _ old: JSON, _ path: Path, _ findings: inout Findings) {
    let before = old.strings("nodeSelector")
    let after = new.strings("nodeSelector")
    if before != after {
      if before.contains(where: { after[$0.key] != $0.value }) {
        findings.invalid(
          path.child("nodeSelector"), new["nodeSelector"],
          "only additions to spec.nodeSelector are allowed (no mutations or deletions)")
      }
      new["nodeSelector"] = old["nodeSelector"]
    }
    let had = old.at("affinity", "nodeAffinity")
    let has = new.at("affinity", "nodeAffinity")
    if had == has { return }
    terms(has, had, path.child("affinity").child("nodeAffinity").child(hard).child("nodeSelectorTerms"), &findings)
    var affinity = new["affinity"] ?? .emptyObject
    affinity["nodeAffinity"] = had
    new["affinity"] = affinity.object?.isEmpty == true && old["affinity"] == nil ? nil : affinity
  }

  private static func terms(_ new: JSON?, _ old: JSON?, _ path: Path, _ findings: inout Findings) {
    guard let before = old?[hard]?.list("nodeSelectorTerms"), !before.isEmpty else { return }
    let after = new?[hard]?.list("nodeSelectorTerms") ?? []
    if before.count != after.count {
      return findings.invalid(
        path, .array(after), "no additions/deletions to non-empty NodeSelectorTerms list are allowed")
    }
    for (index, (had, has)) in zip(before, after).enumerated() where !onlyAdds(has, to: had) {
      findings.invalid(path.index(index), has, "only additions are allowed (no mutations or deletions)")
    }
  }

  private static func onlyAdds(_ new: JSON, to old: JSON) -> Bool {
    let lists = ["matchExpressions", "matchFields"]
    if lists.allSatisfy({ old.list($0).isEmpty }) { return lists.allSatisfy { new.list($0).isEmpty } }
    return lists.allSatisfy { new.list($0).starts(with: old.list($0)) }
  }
}
