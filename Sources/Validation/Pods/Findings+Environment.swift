import JSONCore
import Objects

extension Findings {
  /// `env` and `envFrom` of a container.
  mutating func environment(_ container: JSON, _ path: Path) {
    for (path, variable) in elements(container["env"], path.child("env")) {
      let name = variable.text("name")
      if name.isEmpty { required(path.child("name")) } else { variableName(name, path.child("name")) }
      valueFrom(variable, path.child("valueFrom"))
    }
    let list = path.child("envFrom")
    for (path, source) in elements(container["envFrom"], list) {
      if let prefix = source["prefix"]?.string, !prefix.isEmpty { variableName(prefix, path.child("prefix")) }
      let kinds = ["configMapRef", "secretRef"].filter { source[$0] != nil }
      if kinds.isEmpty {
        invalid(list, "", "must specify one of: `configMapRef` or `secretRef`")
      } else if kinds.count > 1 {
        invalid(list, "", "may not have more than one field specified at a time")
      }
      for kind in kinds {
        let name = source[kind]?.text("name") ?? ""
        let place = path.child(kind).child("name")
        if name.isEmpty { required(place) } else { invalid(place, name, messages: Names.prefix(name, Names.subdomain)) }
      }
    }
  }

  private mutating func variableName(_ name: String, _ path: Path) {
    if !name.utf8.allSatisfy({ $0 >= 32 && $0 <= 126 && $0 != UInt8(ascii: "=") }) {
      invalid(
        path, .string(name),
        "a valid environment variable name must consist only of printable ASCII characters other than '='")
    }
  }

  private mutating func valueFrom(_ variable: JSON, _ path: Path) {
    guard let source = variable["valueFrom"] else { return }
    let kinds = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"].filter {
      source[$0] != nil
    }
    if let field = source["fieldRef"] { fieldReference(field, path.child("fieldRef"), allowed: Self.variableFields) }
    if let resource = source["resourceFieldRef"] {
      resourceReference(resource, path.child("resourceFieldRef"))
    }
    for kind in ["configMapKeyRef", "secretKeyRef"] {
      guard let reference = source[kind] else { continue }
      let name = reference.text("name")
      invalid(path.child(kind).child("name"), name, messages: Names.subdomain(name))
      let key = reference.text("key")
      if key.isEmpty {
        required(path.child(kind).child("key"))
      } else {
        invalid(path.child(kind).child("key"), key, messages: Names.configKey(key))
      }
    }
    if let file = source["fileKeyRef"] { fileReference(file, path.child("fileKeyRef")) }
    if kinds.isEmpty {
      invalid(
        path, "",
        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`")
    } else if !variable.text("value").isEmpty {
      invalid(path, "", "may not be specified when `value` is not empty")
    } else if kinds.count > 1 {
      invalid(path, "", "may not have more than one field specified at a time")
    }
  }

  /// A variable that a container reads from a file of a volume.
  private mutating func fileReference(_ reference: JSON, _ path: Path) {
    let key = reference.text("key")
    if key.isEmpty { required(path.child("key")) } else { variableName(key, path.child("key")) }
    let volume = reference.text("volumeName")
    if volume.isEmpty {
      required(path.child("volumeName"))
    } else {
      invalid(path.child("volumeName"), volume, messages: Names.label(volume))
    }
    let file = reference.text("path")
    if file.isEmpty { required(path.child("path")) } else { steadyPath(file, path.child("path")) }
  }

  /// Files that variables come from have to be in volumes that the pod shares among its containers.
  mutating func variableFiles(of container: JSON, _ path: Path, _ spec: JSON) {
    for (path, variable) in elements(container["env"], path.child("env")) {
      guard let reference = variable.at("valueFrom", "fileKeyRef") else { continue }
      let place = path.child("valueFrom").child("fileKeyRef").child("volumeName")
      let name = reference.text("volumeName")
      if let volume = spec.list("volumes").last(where: { $0.text("name") == name }) {
        if volume["emptyDir"] == nil {
          invalid(place, .string(name), "referenced volume must be of type emptyDir")
        }
      } else {
        add(.notFound(place, .string(name)))
      }
    }
  }

  private static let variableFields = [
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP",
    "status.hostIPs", "status.podIP", "status.podIPs",
  ]

  static let volumeFields = [
    "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
  ]

  mutating func fieldReference(_ reference: JSON, _ path: Path, allowed: [String]) {
    if reference.text("apiVersion").isEmpty { return required(path.child("apiVersion")) }
    let field = reference.text("fieldPath")
    if field.isEmpty { return required(path.child("fieldPath")) }
    let version = reference.text("apiVersion")
    if version != "v1" {
      return invalid(
        path.child("fieldPath"), .string(field), "error converting fieldPath: unsupported pod version: \(version)")
    }
    if allowed.contains(field) { return }
    for (map, ignoresCase) in [("metadata.annotations['", true), ("metadata.labels['", false)]
    where field.hasPrefix(map) && field.hasSuffix("']") {
      let key = String(field.dropFirst(map.count).dropLast(2))
      return invalid(path, key, messages: Names.qualified(ignoresCase ? key.lowercased() : key))
    }
    if field.hasPrefix("metadata.") || field.hasPrefix("spec.") || field.hasPrefix("status.") {
      let known = [
        "metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid",
        "spec.nodeName",
        "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName", "status.phase", "status.hostIP",
        "status.hostIPs", "status.podIP", "status.podIPs",
      ]
      if known.contains(field) {
        add(.notSupported(path.child("fieldPath"), .string(field), allowed.sorted()))
        return
      }
    }
    invalid(path.child("fieldPath"), .string(field), "error converting fieldPath: field label not supported: \(field)")
  }

  /// - Parameter needsContainer: a volume belongs to no container that could be meant.
  mutating func resourceReference(_ reference: JSON, _ path: Path, needsContainer: Bool = false) {
    let resource = reference.text("resource")
    defer { divisor(reference, resource, path.child("divisor")) }
    if needsContainer, reference.text("containerName").isEmpty { return required(path.child("containerName")) }
    if resource.isEmpty { return required(path.child("resource")) }
    let known = [
      "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage",
      "requests.memory",
    ]
    if !known.contains(resource), !resource.hasPrefix("limits.hugepages-"), !resource.hasPrefix("requests.hugepages-") {
      add(.notSupported(path.child("resource"), .string(resource), known))
    }
  }

  private static let byteDivisors = [
    "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei",
  ]

  private mutating func divisor(_ reference: JSON, _ resource: String, _ path: Path) {
    guard let divisor = Quantity(reference["divisor"]), !divisor.isZero else { return }
    let shown = divisor.description
    switch resource {
    case "limits.cpu", "requests.cpu":
      if shown != "1", shown != "1m" {
        invalid(path, .string(resource), "only divisor's values 1m and 1 are supported with the cpu resource")
      }
    case "limits.memory", "requests.memory", "limits.ephemeral-storage", "requests.ephemeral-storage":
      if !Self.byteDivisors.contains(shown) {
        let name = resource.hasSuffix("memory") ? "memory" : "local ephemeral storage"
        invalid(
          path, .string(resource),
          "only divisor's values \(Self.byteDivisors.joined(separator: ", ")) are supported with the \(name) resource")
      }
    case let name where name.hasPrefix("requests.hugepages-") || name.hasPrefix("limits.hugepages-"):
      if !Self.byteDivisors.contains(shown) {
        invalid(
          path, .string(resource),
          "only divisor's values \(Self.byteDivisors.joined(separator: ", ")) are supported with the hugepages resource"
        )
      }
    default: break
    }
  }
}
