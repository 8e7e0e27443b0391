import JSONCore
import Objects
import Values

/// `componentstatuses`: how the parts of a control plane are. Here they are one process, so whoever can ask finds all of
/// them well. They are made for each answer, and never stored.
enum ComponentStatuses {
  static let resource = GroupResource("", "componentstatuses")

  /// The parts as a cluster of their own.
  static func snapshot(revision: Int64) -> Snapshot {
    Snapshot(
      revision: revision,
      objects: ["controller-manager", "etcd-0", "scheduler"].map { name in
        let status: JSON = [
          "apiVersion": "v1", "kind": "ComponentStatus", "metadata": ["name": .string(name)],
          "conditions": [["type": "Healthy", "status": "True", "message": "ok"]],
        ]
        return Object(key: Key(resource, name: name), revision: 0, blob: status.blob)
      })
  }
}
