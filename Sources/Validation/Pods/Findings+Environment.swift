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
      for kind in kinds where source[kind]?.text("name").isEmpty == true {
        required(path.child(kind).child("name"))
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
      if reference.text("name").isEmpty { required(path.child(kind).child("name")) }
      let key = reference.text("key")
      if key.isEmpty {
        required(path.child(kind).child("key"))
      } else {
        invalid(path.child(kind).child("key"), key, messages: Names.configKey(key))
      }
    }
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

  mutating func resourceReference(_ reference: JSON, _ path: Path) {
    let resource = reference.text("resource")
    if resource.isEmpty { return required(path.child("resource")) }
    let known = [
      "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage",
      "requests.memory",
    ]
    if !known.contains(resource), !resource.hasPrefix("limits.hugepages-"), !resource.hasPrefix("requests.hugepages-") {
      add(.notSupported(path.child("resource"), .string(resource), known))
    }
    divisor(reference, resource, path.child("divisor"))
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
    default: break
    }
  }
}
