import JSONCore
import Objects

/// Wishes of simulated pods and nodes that would have no effect: their names are not known, or their values cannot be read.
extension Warnings {
  /// Of a pod, or the template of one.
  mutating func simulation(_ pod: JSON, _ path: Path) {
    settings(of: pod, path) { key in
      if let form = SimulationSettings.ofContainers[key] ?? SimulationSettings.ofPods[key] { return .form(form) }
      guard let dot = key.firstIndex(of: "."),
        let form = SimulationSettings.ofContainers[String(key[key.index(after: dot)...])]
      else { return .fault("unknown, and so without effect on a pod") }
      let container = key[..<dot]
      let isThere = ["containers", "initContainers", "ephemeralContainers"].contains { field in
        pod["spec"]?.list(field).contains { $0.text("name") == container } == true
      }
      return isThere ? .form(form) : .fault("there is no container \(Status.quoted(String(container)))")
    }
  }

  mutating func simulatedNode(_ node: JSON, _ path: Path) {
    settings(of: node, path) { key in
      SimulationSettings.ofNodes[key].map(Setting.form) ?? .fault("unknown, and so without effect on a node")
    }
  }

  private enum Setting {
    case form(SimulationSettings.Form)
    case fault(String)
  }

  private mutating func settings(of object: JSON, _ path: Path, _ find: (String) -> Setting) {
    guard let annotations = object.at("metadata", "annotations")?.object else { return }
    for name in annotations.allKeys where name.hasPrefix(SimulationSettings.prefix) {
      let path = path.child("metadata").child("annotations").key(name)
      switch find(String(name.dropFirst(SimulationSettings.prefix.count))) {
      case .fault(let text): add(path, text)
      case .form(let form):
        let value = annotations[name]?.string ?? ""
        if !form.reads(value) { add(path, "\(Status.quoted(value)) cannot be read: it must be \(form.wish)") }
      }
    }
  }
}
