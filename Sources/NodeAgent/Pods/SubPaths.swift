import JSONCore

/// The parts of volumes that containers mount, where variables name them.
enum SubPaths {
  /// Why a container cannot be created with its mounts; nil when it can.
  static func problem(_ container: JSON, _ environment: Environment) -> String? {
    for mount in container.list("volumeMounts") {
      let expression = mount.text("subPathExpr")
      if expression.isEmpty { continue }
      var missing: String?
      let path = PodEnvironment.expanded(expression) { name in
        let value = environment[name]
        if value == nil { missing = missing ?? name }
        return value
      }
      if let missing { return "missing value for \"\(missing)\"" }
      if path.hasPrefix("/") { return "error SubPath `\(path)` must not be an absolute path" }
      if path.split(separator: "/").contains("..") {
        return "unable to provision SubPath `\(path)`: must not contain '..'"
      }
    }
    return nil
  }
}
