import JSONCore
import Objects
import Reconciling

/// The history of a pod template, kept as ControllerRevisions: StatefulSets and DaemonSets.
struct Revisions {
  /// Oldest first.
  private(set) var all: [Revision]
  /// The revision of the present template; nil when it is still to be made.
  private(set) var update: Revision?
  /// What is to be written first: the new revision, or a higher number for an old one.
  private(set) var action: Action?
  /// The name of a new revision is taken by another template.
  private(set) var isCollision = false

  static let hashLabel = "controller.kubernetes.io/hash"

  struct Revision {
    let object: Object
    let number: Int
    let data: JSON

    var name: String { object.name }

    /// The template as it was.
    var template: JSON {
      var template = data.at("spec", "template") ?? .emptyObject
      template["$patch"] = nil
      return template
    }
  }

  init(of owner: Reference, _ json: JSON, collisions: Int, _ snapshot: Snapshot) {
    all = snapshot.dependents(of: owner.uid).filter { $0.key.resource == .controllerRevisions }
      .map { object in
        let json = object.json
        return Revision(object: object, number: json["revision"]?.int ?? 0, data: json["data"] ?? .emptyObject)
      }
      .sorted { $0.number == $1.number ? $0.name < $1.name : $0.number < $1.number }
    var template = json.at("spec", "template") ?? .emptyObject
    let hash = PodTemplate.hash(template, collisions: collisions == 0 ? nil : collisions)
    template["$patch"] = "replace"
    let data: JSON = ["spec": ["template": template]]
    let next = (all.last?.number ?? 0) + 1
    if let same = all.last(where: { $0.data == data }) {
      update = same
      if same.number != all.last?.number { action = .patch(same.object.key, ["revision": JSON(next)]) }
      return
    }
    let name = "\(owner.name)-\(hash)"
    if snapshot[Key(.controllerRevisions, namespace: owner.namespace, name: name)] != nil {
      isCollision = true
      return
    }
    var labels = json.at("spec", "template", "metadata", "labels") ?? .emptyObject
    labels[Self.hashLabel] = .string(hash)
    var metadata: JSON = [
      "name": .string(name), "namespace": .string(owner.namespace), "labels": labels,
      "ownerReferences": [owner.asController],
    ]
    if let annotations = json.at("metadata", "annotations") { metadata["annotations"] = annotations }
    action = .create(
      .controllerRevisions,
      [
        "apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": metadata, "data": data,
        "revision": JSON(next),
      ])
  }

  subscript(name: String) -> Revision? { all.first { $0.name == name } }

  /// The deletions that keep the history within its limit; revisions in use stay.
  func pruning(keeping live: Set<String>, limit: Int) -> [Action] {
    let dead = all.filter { !live.contains($0.name) }
    return dead.prefix(max(0, dead.count - limit)).map { .delete($0.object.key, Deletion(uid: $0.object.uid)) }
  }
}
