import JSONCore
import Objects
import Reconciling
import Values

/// The history of a pod template, kept as ControllerRevisions: StatefulSets and DaemonSets.
struct Revisions {
  /// Oldest first.
  private(set) var all: [Revision]
  /// The revision of the present template; nil when it is still to be made.
  private(set) var update: Revision?
  /// What is to be written first: adoptions, the new revision or a higher number for an old one, or the count of
  /// collisions when another template has the new one's name.
  private(set) var preparation = Plan()

  /// The label under which a revision tells its hash.
  private let hashLabel: String

  struct Revision {
    let object: Object
    let number: Int
    let createdAt: Instant
    let data: JSON

    init(_ object: Object) {
      let json = object.json
      self.object = object
      // A number after which none can come is none.
      number = json["revision"]?.int.flatMap { $0 == .max ? nil : $0 } ?? 0
      createdAt = Instant(rfc3339: json["metadata"]?.text("creationTimestamp") ?? "") ?? .epoch
      data = json["data"] ?? .emptyObject
    }

    var name: String { object.name }

    /// The template as it was.
    var template: JSON {
      var template = data.at("spec", "template") ?? .emptyObject
      template["$patch"] = nil
      return template
    }
  }

  init(of workload: Workload, hashLabel: String) {
    self.hashLabel = hashLabel
    let claim = workload.claim(.controllerRevisions)
    all = claim.objects.map(Revision.init)
      .sorted { $0.number == $1.number ? $0.name < $1.name : $0.number < $1.number }
    preparation.then(claim.actions)
    let next = (all.last?.number ?? 0) + 1
    let data = Self.data(workload.template)
    guard let same = all.last(where: { $0.data == data }) else {
      make(data, next, workload)
      return
    }
    update = same
    // An old template has come back: its revision becomes the latest.
    if same.number != all.last?.number {
      preparation.then(
        .patch(same.object.key, ["metadata": ["uid": .string(same.object.uid)], "revision": JSON(next)]))
    }
  }

  private static func data(_ template: JSON) -> JSON {
    var template = template
    template["$patch"] = "replace"
    return ["spec": ["template": template]]
  }

  private mutating func make(_ data: JSON, _ number: Int, _ workload: Workload) {
    let collisions = workload.status["collisionCount"]?.int ?? 0
    let hash = PodTemplate.hash(workload.template, collisions: collisions == 0 ? nil : collisions)
    let name = "\(workload.name)-\(hash)"
    if workload.snapshot[Key(.controllerRevisions, namespace: workload.namespace, name: name)] != nil {
      var status = workload.status
      status["collisionCount"] = JSON(collisions + 1)
      preparation.then(workload.writeStatus(status))
      return
    }
    var labels = workload.template.at("metadata", "labels") ?? .emptyObject
    labels[hashLabel] = .string(hash)
    var metadata: JSON = [
      "name": .string(name), "namespace": .string(workload.namespace), "labels": labels,
      "ownerReferences": [workload.reference.asController],
    ]
    metadata["annotations"] = workload.json.at("metadata", "annotations")
    let revision: JSON = [
      "apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": metadata, "data": data,
      "revision": JSON(number),
    ]
    preparation.then(.create(.controllerRevisions, revision))
  }

  /// Others with the very content of the present one.
  var doubles: [Revision] {
    guard let update else { return [] }
    return all.filter { $0.name != update.name && $0.data == update.data }
  }

  subscript(name: String) -> Revision? { all.first { $0.name == name } }

  func hash(of revision: Revision) -> String { revision.object.labels[hashLabel] ?? "" }

  /// The deletions of the oldest revisions that are not in use.
  func pruning(_ count: Int, sparing isInUse: (Revision) -> Bool) -> [Action] {
    all.filter { $0.name != update?.name && !isInUse($0) }.prefix(max(0, count))
      .map { .delete($0.object.key, Deletion(uid: $0.object.uid)) }
  }
}
