import JSONCore
import Objects
import Schemas

/// Which fields of a kind a field selector may name, and how they are read from the stored bytes.
enum FieldSelection {
  /// A path, and others that stand in for it where it is empty.
  struct Source: Sendable {
    var path: [StaticString]
    /// What a missing value counts as: "false" for booleans, "0" for numbers.
    var missing = ""
    var alternative: [StaticString]?
  }

  /// Source: the field label conversions of Kubernetes 1.36.
  static let table: [GroupResource: [String: Source]] = [
    GroupResource("", "pods"): [
      "spec.nodeName": Source(path: ["spec", "nodeName"]),
      // The name of old.
      "spec.host": Source(path: ["spec", "nodeName"]),
      "spec.restartPolicy": Source(path: ["spec", "restartPolicy"]),
      "spec.schedulerName": Source(path: ["spec", "schedulerName"]),
      "spec.serviceAccountName": Source(path: ["spec", "serviceAccountName"]),
      "spec.hostNetwork": Source(path: ["spec", "hostNetwork"], missing: "false"),
      "status.phase": Source(path: ["status", "phase"]),
      "status.podIP": Source(path: ["status", "podIP"]),
      "status.podIPs": Source(path: ["status", "podIP"]),
      "status.nominatedNodeName": Source(path: ["status", "nominatedNodeName"]),
    ],
    GroupResource("", "nodes"): ["spec.unschedulable": Source(path: ["spec", "unschedulable"], missing: "false")],
    GroupResource("", "namespaces"): ["status.phase": Source(path: ["status", "phase"])],
    GroupResource("", "secrets"): ["type": Source(path: ["type"])],
    GroupResource("", "services"): [
      "spec.clusterIP": Source(path: ["spec", "clusterIP"]), "spec.type": Source(path: ["spec", "type"]),
    ],
    GroupResource("", "replicationcontrollers"): [
      "status.replicas": Source(path: ["status", "replicas"], missing: "0")
    ],
    GroupResource("batch", "jobs"): ["status.successful": Source(path: ["status", "succeeded"], missing: "0")],
    GroupResource("certificates.k8s.io", "certificatesigningrequests"): [
      "spec.signerName": Source(path: ["spec", "signerName"])
    ],
    GroupResource("resource.k8s.io", "resourceslices"): [
      "spec.nodeName": Source(path: ["spec", "nodeName"]), "spec.driver": Source(path: ["spec", "driver"]),
    ],
    GroupResource("", "events"): events("involvedObject", reporter: "reportingComponent").merging([
      "source": Source(path: ["source", "component"], alternative: ["reportingComponent"])
    ]) { $1 },
    GroupResource("events.k8s.io", "events"): events("regarding", reporter: "reportingController"),
  ]

  /// Both versions read the stored one, which is core/v1.
  private static func events(_ subject: String, reporter: String) -> [String: Source] {
    [
      "\(subject).kind": Source(path: ["involvedObject", "kind"]),
      "\(subject).namespace": Source(path: ["involvedObject", "namespace"]),
      "\(subject).name": Source(path: ["involvedObject", "name"]),
      "\(subject).uid": Source(path: ["involvedObject", "uid"]),
      "\(subject).apiVersion": Source(path: ["involvedObject", "apiVersion"]),
      "\(subject).resourceVersion": Source(path: ["involvedObject", "resourceVersion"]),
      "\(subject).fieldPath": Source(path: ["involvedObject", "fieldPath"]),
      "reason": Source(path: ["reason"]),
      "type": Source(path: ["type"]),
      reporter: Source(path: ["reportingComponent"]),
    ]
  }

  /// - Throws: 400 in the words of the kind's conversion.
  static func check(_ kind: Kind, _ selector: FieldSelector) throws(Status) {
    for requirement in selector.requirements {
      let field = requirement.field
      if field == "metadata.name" { continue }
      // Of kinds that live in no namespace, those with fields of their own do not take it.
      if field == "metadata.namespace", kind.isNamespaced || table[kind.resource] == nil { continue }
      if let custom = kind.custom {
        guard custom.selectableFields[field] != nil else { throw .badRequest("field label not supported: \(field)") }
        continue
      }
      guard let known = table[kind.resource] else {
        throw .badRequest(
          "\(Status.quoted(field)) is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
      }
      if known[field] == nil {
        throw .badRequest(
          kind.resource == GroupResource("batch", "jobs")
            ? "field label \(Status.quoted(field)) not supported for Job" : "field label not supported: \(field)")
      }
    }
  }

  /// The value of a field in the stored object; "" where it is missing.
  static func value(_ field: String, of object: Object) -> String {
    switch field {
    case "metadata.name": return object.name
    case "metadata.namespace": return object.namespace
    default: break
    }
    // Events of both groups are kept as those of the core group.
    let known =
      table[object.key.resource]?[field] ?? (object.key.resource == .events ? table[.eventsOfEvents]?[field] : nil)
    // Only custom resources have fields that no table knows.
    guard let source = known else { return custom(field, of: object) }
    let value = read(object, source.path)
    if !value.isEmpty { return value }
    return source.alternative.map { read(object, $0) } ?? source.missing
  }

  private static func custom(_ field: String, of object: Object) -> String {
    let value = object.json.value(at: field.split(separator: ".").map(String.init)[...])
    return value.map { $0.string ?? $0.text } ?? ""
  }

  static func matches(_ selector: FieldSelector, _ object: Object) -> Bool {
    selector.matches { value($0, of: object) }
  }

  private static func read(_ object: Object, _ path: [StaticString]) -> String {
    var value: RawJSON? = RawJSON(object.blob.bytes)
    for key in path { value = value?.member(key) }
    guard let value else { return "" }
    // Numbers and booleans compare as their text.
    return value.bytes.first == UInt8(ascii: "\"") ? value.string : String(decoding: value.bytes, as: UTF8.self)
  }
}
