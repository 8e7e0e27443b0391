import JSONCore
import Objects

/// Warnings about pods and pod templates.
enum PodWarnings {
  /// Labels of nodes that go by another name now.
  private static let labels: [String: (since: String, new: String)] = [
    "beta.kubernetes.io/arch": ("v1.14", "kubernetes.io/arch"),
    "beta.kubernetes.io/os": ("v1.14", "kubernetes.io/os"),
    "failure-domain.beta.kubernetes.io/region": ("v1.17", "topology.kubernetes.io/region"),
    "failure-domain.beta.kubernetes.io/zone": ("v1.17", "topology.kubernetes.io/zone"),
    "beta.kubernetes.io/instance-type": ("v1.17", "node.kubernetes.io/instance-type"),
  ]

  /// Volumes whose drivers are gone.
  private static let volumes: [String: String] = [
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
  ]

  static func of(_ pod: JSON, _ path: Path) -> [String] {
    let spec = pod["spec"] ?? .emptyObject
    let specPath = path.child("spec")
    var result: [String] = []
    for (key, _) in spec["nodeSelector"]?.object ?? Members() {
      guard let label = labels[key] else { continue }
      result.append(
        "\(specPath.child("nodeSelector").key(key)): deprecated since \(label.since); use \(Status.quoted(label.new)) instead"
      )
    }
    for (index, volume) in spec.list("volumes").enumerated() {
      for (kind, text) in volumes where volume[kind] != nil {
        result.append("\(specPath.child("volumes").index(index).child(kind)): \(text)")
      }
    }
    if let seconds = spec["terminationGracePeriodSeconds"]?.int, seconds < 0 {
      result.append(
        "\(specPath.child("terminationGracePeriodSeconds")): must be >= 0; negative values are invalid and will be treated "
          + "as 1")
    }
    for list in ["initContainers", "containers"] {
      for (index, container) in spec.list(list).enumerated() {
        result += warnings(of: container, specPath.child(list).index(index))
      }
    }
    return result
  }

  private static func warnings(of container: JSON, _ path: Path) -> [String] {
    var result: [String] = []
    var names: Set<String> = []
    for (index, variable) in container.list("env").enumerated() {
      let name = variable.text("name")
      if !names.insert(name).inserted {
        result.append(
          "\(path.child("env").index(index)): hides previous definition of \(Status.quoted(name)), which may be dropped when "
            + "using apply")
      }
    }
    var ports: [String: Int] = [:]
    for (index, port) in container.list("ports").enumerated() {
      let key =
        "\(port["containerPort"]?.int ?? 0) \(port.text("protocol")) \(port.text("hostIP")) \(port["hostPort"]?.int ?? 0)"
      if let first = ports[key] {
        result.append(
          "\(path.child("ports").index(index)): duplicate port definition with \(path.child("ports").index(first))")
      } else {
        ports[key] = index
      }
    }
    for list in ["limits", "requests"] {
      for (name, value) in container.at("resources", list)?.object ?? Members() {
        guard name == "memory" || name == "ephemeral-storage", let quantity = Quantity(value),
          quantity.milliValue % 1000 != 0
        else { continue }
        result.append(
          "\(path.child("resources").child(list).key(name)): fractional byte value "
            + "\(Status.quoted(value.string ?? quantity.description)) is invalid, must be an integer")
      }
    }
    return result
  }
}
