import JSONCore
import Objects
import Reconciling
import Values

/// What a kubelet writes into volumes of ConfigMaps, Secrets, tokens and fields of the pod.
struct PodProjection {
  private static let usualMode: FileMode = 0o644
  private static let kinds = ["configMap", "secret", "downwardAPI", "serviceAccountToken", "clusterTrustBundle"]

  let pod: PodDetails
  let place: PodPlace
  let snapshot: Snapshot
  let tokens: PodTokens?

  static func isProjected(_ source: JSON) -> Bool { kinds.contains { source[$0] != nil } }

  static func sources(_ volume: JSON) -> [JSON] { volume["projected"]?.list("sources") ?? [volume] }

  func files(of volume: JSON) -> ProjectedFiles {
    let shared = Self.mode(volume.at("projected", "defaultMode"))
    let group = pod.spec.at("securityContext", "fsGroup")?.int
    var result = ProjectedFiles(at: Instant(rfc3339: pod.json["metadata"]?.text("creationTimestamp") ?? "") ?? .epoch)
    for source in Self.sources(volume) {
      for (path, var file) in files(source, shared ?? Self.usualMode) {
        if let group {
          file.owner.group = group
          file.mode = FileMode(file.mode.rawValue | 0o440)
        }
        result.files[path] = file
      }
    }
    return result
  }

  private static func mode(_ json: JSON?) -> FileMode? {
    json?.int.flatMap { UInt16(exactly: $0) }.map { FileMode($0) }
  }

  private func files(_ source: JSON, _ mode: FileMode) -> [String: ProjectedFiles.File] {
    if let reference = source["configMap"] {
      return selected(reference, texts(reference.text("name"), .configMaps), mode)
    }
    if let reference = source["secret"] {
      let name = reference.text("secretName").isEmpty ? reference.text("name") : reference.text("secretName")
      return selected(reference, texts(name, .secrets), mode)
    }
    if let token = source["serviceAccountToken"] { return [Self.path(token): self.token(token, mode)] }
    let downward = source["downwardAPI"]
    let usual = Self.mode(downward?["defaultMode"]) ?? mode
    return (downward?.list("items") ?? []).reduce(into: [:]) { files, item in
      files[item.text("path")] = ProjectedFiles.File(text: text(item), mode: Self.mode(item["mode"]) ?? usual)
    }
  }

  private static func path(_ token: JSON) -> String { token.text("path").isEmpty ? "token" : token.text("path") }

  /// Only who it is for may read it, where all containers run as the same user.
  private func token(_ token: JSON, _ mode: FileMode) -> ProjectedFiles.File {
    let seconds = token["expirationSeconds"]?.int ?? 3600
    // A pod that is going has no account any more; then nothing is there to be read.
    let text = try? tokens?.text(pod.key, uid: pod.uid, audience: token.text("audience"), seconds: seconds)
    var file = ProjectedFiles.File(text: text ?? "", mode: mode)
    let containers = pod.spec.list("containers") + pod.spec.list("initContainers")
    let users = Set(
      containers.map { $0.at("securityContext", "runAsUser")?.int ?? pod.spec.at("securityContext", "runAsUser")?.int })
    let user = users.count == 1 ? users.first ?? nil : nil
    if let user { file.owner.user = user }
    if user != nil || pod.spec.at("securityContext", "fsGroup") != nil { file.mode = 0o600 }
    return file
  }

  private func text(_ item: JSON) -> String {
    if let path = item.at("fieldRef", "fieldPath")?.string { return PodFields.value(path, pod, place) }
    guard let reference = item["resourceFieldRef"] else { return "" }
    let resources = pod.container(reference.text("containerName"))["resources"] ?? .emptyObject
    return PodFields.resource(reference, of: resources, place)
  }

  private func texts(_ name: String, _ resource: GroupResource) -> [String: String] {
    snapshot[Key(resource, namespace: pod.key.namespace, name: name)].map(ConfigTexts.all) ?? [:]
  }

  /// The keys that `items` names, under the paths it gives them; all of them when it names none.
  private func selected(
    _ reference: JSON, _ texts: [String: String], _ shared: FileMode
  ) -> [String: ProjectedFiles.File] {
    let usual = Self.mode(reference["defaultMode"]) ?? shared
    let items = reference.list("items")
    if items.isEmpty { return texts.mapValues { ProjectedFiles.File(text: $0, mode: usual) } }
    return items.reduce(into: [:]) { files, item in
      guard let text = texts[item.text("key")] else { return }
      files[item.text("path")] = ProjectedFiles.File(text: text, mode: Self.mode(item["mode"]) ?? usual)
    }
  }
}
