import JSONCore
import Objects

/// Replication controllers take their labels from the template when they bring none.
enum ReplicationControllerRule: KindRule {
  static func prepareCreate(_ controller: inout JSON, _ context: inout WriteContext) throws(Status) {
    takeTemplateLabels(&controller)
  }

  /// Labels of the pod template become those of the object itself, where it has none.
  static func takeTemplateLabels(_ object: inout JSON) {
    guard (object["metadata"]?["labels"]?.object ?? Members()).isEmpty,
      let labels = object.at("spec", "template", "metadata", "labels")
    else { return }
    object["metadata", default: .emptyObject]["labels"] = labels
  }
}

/// Daemon sets count the changes of their template in an annotation, as a field of older versions did.
enum DaemonSetRule: KindRule {
  private static let annotation = "deprecated.daemonset.template.generation"

  static func prepareCreate(_ set: inout JSON, _ context: inout WriteContext) throws(Status) {
    store("1", in: &set)
  }

  static func prepareUpdate(_ set: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status) {
    let stored = old.at("metadata", "annotations", annotation)?.string ?? "1"
    let isChanged = set.at("spec", "template") != old.at("spec", "template")
    store(isChanged ? String((Int(stored) ?? 0) + 1) : stored, in: &set)
  }

  private static func store(_ count: String, in set: inout JSON) {
    set["metadata", default: .emptyObject]["annotations", default: .emptyObject][annotation] = .string(count)
  }
}

/// Jobs get a selector of their own from their uid, unless the client insists on another.
enum JobRule: KindRule {
  private static let controllerLabels = ["batch.kubernetes.io/controller-uid", "controller-uid"]
  private static let nameLabels = ["batch.kubernetes.io/job-name", "job-name"]

  static func prepareCreate(_ job: inout JSON, _ context: inout WriteContext) throws(Status) {
    if job.at("spec", "manualSelector")?.bool != true {
      let uid = JSON.string(job.uid)
      let name = JSON.string(job.name)
      job["spec", default: .emptyObject]["template", default: .emptyObject]["metadata", default: .emptyObject][
        "labels", default: .emptyObject
      ].edit { labels in
        for key in controllerLabels { labels[key] = uid }
        for key in nameLabels { labels[key] = name }
      }
      job["spec", default: .emptyObject]["selector", default: .emptyObject]["matchLabels", default: .emptyObject][
        controllerLabels[0]] = uid
    }
  }

  /// The labels of the template become those of a job without any only when it is read back.
  static func finish(_ job: inout JSON) { ReplicationControllerRule.takeTemplateLabels(&job) }
}
