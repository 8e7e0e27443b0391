import JSONCore
import Objects
import Reconciling
import Values

/// A ReplicaSet of a Deployment: what it is, and what this run wants it to be.
struct ReplicaSetState {
  static let revisionAnnotation = "deployment.kubernetes.io/revision"
  static let historyAnnotation = "deployment.kubernetes.io/revision-history"
  static let desiredAnnotation = "deployment.kubernetes.io/desired-replicas"
  static let maximumAnnotation = "deployment.kubernetes.io/max-replicas"
  static let hashLabel = "pod-template-hash"

  let object: Object
  let json: JSON
  let createdAt: Instant
  let specifiedReplicas: Int
  let currentReplicas: Int
  let readyReplicas: Int
  let availableReplicas: Int
  let terminatingReplicas: Int

  /// What `spec.replicas` shall be.
  var replicas: Int
  /// What the annotations shall be.
  var annotations: [String: String]
  var minReadySeconds: Int?

  init(_ object: Object) {
    self.object = object
    json = object.json
    createdAt = Instant(rfc3339: json["metadata"]?.text("creationTimestamp") ?? "") ?? .epoch
    specifiedReplicas = json.at("spec", "replicas")?.int ?? 1
    currentReplicas = json.at("status", "replicas")?.int ?? 0
    readyReplicas = json.at("status", "readyReplicas")?.int ?? 0
    availableReplicas = json.at("status", "availableReplicas")?.int ?? 0
    terminatingReplicas = json.at("status", "terminatingReplicas")?.int ?? 0
    replicas = specifiedReplicas
    annotations = json["metadata"]?.strings("annotations") ?? [:]
    minReadySeconds = json.at("spec", "minReadySeconds")?.int
  }

  var name: String { object.name }

  /// The available replicas that will still be there: the status may be older than the last cut.
  var lastingReplicas: Int { min(availableReplicas, specifiedReplicas) }

  /// Users can write the annotation too: a number after which none can come is none.
  var revision: Int64 {
    let number = annotations[Self.revisionAnnotation].flatMap { Int64($0) } ?? 0
    return number == .max ? 0 : number
  }

  /// The template as the Deployment has it, without the label that the controller added.
  var template: JSON { Self.plain(json.at("spec", "template") ?? .emptyObject) }

  /// A template in the form in which two of them are compared.
  static func plain(_ template: JSON) -> JSON {
    var template = template
    var metadata = template["metadata"] ?? .emptyObject
    var labels = metadata["labels"] ?? .emptyObject
    labels[hashLabel] = nil
    metadata["labels"] = labels.object?.isEmpty == false ? labels : nil
    metadata["creationTimestamp"] = nil
    template["metadata"] = metadata.object?.isEmpty == false ? metadata : nil
    return template
  }

  /// Older first; of the same second, the lesser name.
  static func isOlder(_ left: ReplicaSetState, _ right: ReplicaSetState) -> Bool {
    left.createdAt == right.createdAt ? left.name < right.name : left.createdAt < right.createdAt
  }

  /// The merge patch to the wanted state; nil when nothing differs.
  var change: JSON? {
    var patch = JSON.emptyObject
    if replicas != specifiedReplicas { patch["spec"] = ["replicas": JSON(replicas)] }
    if let minReadySeconds, minReadySeconds != json.at("spec", "minReadySeconds")?.int ?? 0 {
      patch["spec", default: .emptyObject]["minReadySeconds"] = JSON(minReadySeconds)
    }
    let old = json["metadata"]?.strings("annotations") ?? [:]
    let changed = annotations.filter { old[$0.key] != $0.value }
    if !changed.isEmpty { patch["metadata"] = ["annotations": JSON(changed)] }
    if patch == .emptyObject { return nil }
    patch["metadata", default: .emptyObject]["uid"] = .string(object.uid)
    return patch
  }
}
