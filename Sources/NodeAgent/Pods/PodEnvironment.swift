import JSONCore
import Objects
import Reconciling
import Values

/// The environment of a container, as a kubelet makes it of the pod and of what it refers to.
///
/// Later entries win over earlier ones, `env` over `envFrom`, and both over the variables of Services. `$(NAME)` in a value
/// stands for what was said before it; `$$` is a dollar.
struct PodEnvironment {
  let pod: PodDetails
  let container: PodSpecification.Container
  let snapshot: Snapshot
  /// What is known of the pod on its node only.
  let place: PodPlace
  /// The variables of Services.
  let services: [String: String]

  /// Why a container cannot be created: `configmap "x" not found`.
  struct Missing: Error {
    var message: String
  }

  /// The container's own.
  /// - Throws: what is missing and not optional.
  func variables() throws(Missing) -> [String: String] {
    let json = pod.container(container.name)
    var result: [String: String] = [:]
    for source in json.list("envFrom") {
      for (reference, resource) in [("configMapRef", GroupResource.configMaps), ("secretRef", .secrets)] {
        guard let reference = source[reference] else { continue }
        let texts = try texts(of: reference.text("name"), resource, isOptional: reference["optional"]?.bool == true)
        for (key, text) in texts { result[source.text("prefix") + key] = text }
      }
    }
    for entry in json.list("env") {
      let name = entry.text("name")
      if let source = entry["valueFrom"] {
        if let value = try value(of: source) { result[name] = value }
      } else {
        result[name] = Self.expanded(entry.text("value")) { result[$0] ?? services[$0] }
      }
    }
    return result
  }

  /// `$(NAME)` replaced where the name is known, left as it is where it is not.
  static func expanded(_ text: String, _ value: (String) -> String?) -> String {
    guard text.contains("$") else { return text }
    var result = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      guard character == "$", let next = rest.first else {
        result.append(character)
        continue
      }
      if next == "$" {
        rest.removeFirst()
        result.append("$")
      } else if next == "(", let close = rest.firstIndex(of: ")") {
        let name = String(rest[rest.index(after: rest.startIndex)..<close])
        result += value(name) ?? "$(\(name))"
        rest = rest[rest.index(after: close)...]
      } else {
        result.append("$")
      }
    }
    return result
  }

  // MARK: Sources

  /// nil for an optional reference that leads nowhere.
  private func value(of source: JSON) throws(Missing) -> String? {
    if let path = source.at("fieldRef", "fieldPath")?.string { return PodFields.value(path, pod, place) }
    if let reference = source["resourceFieldRef"] { return resource(reference) }
    if let reference = source["configMapKeyRef"] { return try text(reference, .configMaps) }
    if let reference = source["secretKeyRef"] { return try text(reference, .secrets) }
    return nil
  }

  func resource(_ reference: JSON) -> String {
    let name = reference.text("containerName")
    let resources = name.isEmpty ? container.resources : pod.container(name)["resources"] ?? .emptyObject
    return PodFields.resource(reference, of: resources, place)
  }

  private func text(_ reference: JSON, _ resource: GroupResource) throws(Missing) -> String? {
    let (name, key) = (reference.text("name"), reference.text("key"))
    let isOptional = reference["optional"]?.bool == true
    let texts = try texts(of: name, resource, isOptional: isOptional)
    if let text = texts[key] { return text }
    if isOptional { return nil }
    let kind = resource == .secrets ? "Secret" : "ConfigMap"
    throw Missing(message: "couldn't find key \(key) in \(kind) \(pod.key.namespace)/\(name)")
  }

  private func texts(of name: String, _ resource: GroupResource, isOptional: Bool) throws(Missing) -> [String: String] {
    if let object = snapshot[Key(resource, namespace: pod.key.namespace, name: name)] {
      return ConfigTexts.all(of: object)
    }
    if isOptional { return [:] }
    throw Missing(message: "\(resource == .secrets ? "secret" : "configmap") \"\(name)\" not found")
  }
}

/// Where a pod runs, and what it was given there.
public struct PodPlace: Sendable {
  public var node: String
  public var address: String
  public var hostAddress: String
  /// What the node can give, for containers without limits.
  public var allocatable: JSON

  public init(node: String, address: String, hostAddress: String, allocatable: JSON = .emptyObject) {
    self.node = node
    self.address = address
    self.hostAddress = hostAddress
    self.allocatable = allocatable
  }
}

/// The texts in a ConfigMap or Secret, by their keys.
enum ConfigTexts {
  static func all(of object: Object) -> [String: String] {
    let json = object.json
    func decoded(_ field: String) -> [String: String] {
      (json[field].map { _ in json.strings(field) } ?? [:])
        .mapValues { RawText.text(Base64.decode($0) ?? []) }
    }
    if object.key.resource == .secrets { return decoded("data") }
    return json.strings("data").merging(decoded("binaryData")) { first, _ in first }
  }
}
