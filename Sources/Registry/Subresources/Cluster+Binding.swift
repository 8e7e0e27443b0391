import JSONCore
import Objects
import Schemas
import Storage

extension Cluster {
  /// Puts a pod on a node: `pods/binding`, and the older `bindings`.
  /// - Throws: 400 for another pod's name, 404, 409 when the pod is bound, gated or being deleted, 422.
  public func bind(
    namespace: String, name: String, _ binding: JSON, _ options: WriteOptions
  ) async throws(Status) -> Written {
    if name.isEmpty { throw .badRequest("Name parameter required.") }
    let node = try Self.target(of: binding, name)
    try await ask(
      .create, storedKind(.pods), namespace: namespace, name: name, subresource: "binding", binding, options)
    let zone = PodTopologyLabels.labels(of: node, snapshot)
    return try await change(storedKind(.pods), namespace, name, "binding", options, [], .own) {
      (old: JSON, _: inout [String]) throws(Status) -> JSON in
      let subject = GroupResource("", "pods/binding")
      let uid = binding["metadata"]?.text("uid") ?? ""
      if !uid.isEmpty, uid != old.uid {
        throw .conflict(
          subject, name, "Precondition failed: UID in precondition: \(uid), UID in object meta: \(old.uid)")
      }
      if old.isTerminating {
        throw .conflict(subject, name, "pod \(name) is being deleted, cannot be assigned to a host")
      }
      if let present = old["spec"]?.text("nodeName"), !present.isEmpty {
        throw .conflict(subject, name, "pod \(name) is already assigned to node \(Status.quoted(present))")
      }
      if !(old["spec"]?.list("schedulingGates") ?? []).isEmpty {
        throw .conflict(subject, name, "pod \(name) has non-empty .spec.schedulingGates")
      }
      return Self.bound(old, to: node, binding, zone, self.now.rfc3339)
    }
  }

  private static func target(of binding: JSON, _ name: String) throws(Status) -> String {
    let given = binding.name
    if !given.isEmpty, given != name { throw .badRequest("name in URL does not match name in Binding object") }
    var errors: [FieldError] = []
    let kind = binding["target"]?.text("kind") ?? ""
    let node = binding["target"]?.text("name") ?? ""
    if !kind.isEmpty, kind != "Node" {
      errors.append(.notSupported(Path("target").child("kind"), .string(kind), ["Node", "<empty>"]))
    }
    if node.isEmpty { errors.append(.required(Path("target").child("name"))) }
    guard errors.isEmpty else { throw .invalid(kind: "Binding", group: "", name: name, errors) }
    return node
  }

  private static func bound(
    _ old: JSON, to node: String, _ binding: JSON, _ topology: [(key: String, value: JSON)], _ now: String
  ) -> JSON {
    var pod = old
    pod["metadata", default: .emptyObject].edit { metadata in
      metadata["resourceVersion"] = nil
      for (key, value) in topology { metadata["labels", default: .emptyObject][key] = value }
      for field in ["labels", "annotations"] {
        for (key, value) in binding["metadata"]?[field]?.object ?? Members() {
          metadata[field, default: .emptyObject][key] = value
        }
      }
    }
    pod["spec", default: .emptyObject]["nodeName"] = .string(node)
    PodConditions.set(&pod, "PodScheduled", "True", now: now)
    return pod
  }
}

/// The conditions of a pod as the server itself sets them.
enum PodConditions {
  static func set(
    _ pod: inout JSON, _ type: String, _ value: String, reason: String = "", message: String = "", now: String
  ) {
    var conditions = pod["status"]?.list("conditions") ?? []
    let index = conditions.firstIndex { $0.text("type") == type }
    let isSame = index.map { conditions[$0].text("status") == value } ?? false
    var condition: JSON = ["type": .string(type), "status": .string(value), "lastProbeTime": .null]
    condition["lastTransitionTime"] = isSame ? index.flatMap { conditions[$0]["lastTransitionTime"] } : .string(now)
    if let generation = pod["metadata"]?["generation"] { condition["observedGeneration"] = generation }
    if !reason.isEmpty { condition["reason"] = .string(reason) }
    if !message.isEmpty { condition["message"] = .string(message) }
    if let index { conditions[index] = condition } else { conditions.append(condition) }
    pod["status", default: .emptyObject]["conditions"] = .array(conditions)
  }
}
