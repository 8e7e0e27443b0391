import JSONCore
import Objects

/// The selector of a job, unless somebody asked to write it, is made from the job's own uid.
enum JobSelector {
  static func judge(_ job: JSON, _ findings: inout Findings) {
    let spec = job["spec"] ?? .emptyObject
    guard spec["manualSelector"]?.bool != true, let selector = spec["selector"] else { return }
    let uid = job.at("metadata", "uid")?.string ?? ""
    let name = job.at("metadata", "name")?.string ?? ""
    let expected: [String: String] = [
      "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": name, "controller-uid": uid,
      "job-name": name,
    ]
    let labels = spec.at("template", "metadata", "labels")
    let path = Path("spec.template.metadata.labels")
    for (key, value) in expected.sorted(by: { $0.key < $1.key }) where labels?[key]?.string != value {
      if labels?[key] == nil {
        findings.required(path.key(key), "must be '\(value)'")
      } else {
        findings.invalid(path.key(key), labels, "must be '\(value)'")
      }
    }
    guard let parsed = try? LabelSelector(json: selector), !parsed.matches(Labels(JSON(expected))) else { return }
    findings.invalid("spec.selector", selector, as: .labelSelector, "`selector` not auto-generated")
  }
}
