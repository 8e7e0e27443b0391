import JSONCore
import Objects
import Reconciling
import Values

/// The volumes of a pod as its containers see them.
///
/// ConfigMaps, Secrets and fields of the pod are read anew at each look, so that a change is seen at once (a real node takes
/// up to a minute or so); through a `subPath` they stay as they were at the start, as in earnest.
struct PodVolumes: Sendable {
  let key: Key
  let uid: String
  let place: PodPlace
  /// nil where nobody issues any.
  var tokens: PodTokens?
  let snapshot: @Sendable () -> Snapshot

  /// - Parameter container: its name.
  func mounts(of container: String, in pod: PodDetails, _ environment: Environment) -> [ContainerMount] {
    let volumes = pod.spec.list("volumes")
    return pod.container(container).list("volumeMounts").compactMap { mount in
      guard let volume = volumes.first(where: { $0.text("name") == mount.text("name") }) else { return nil }
      let path = mount.text("mountPath").split(separator: "/").joined(separator: "/")
      if path.isEmpty { return nil }
      let expression = mount.text("subPathExpr")
      let subPath =
        expression.isEmpty
        ? mount.text("subPath") : PodEnvironment.expanded(expression) { environment[$0] }
      var content = content(of: volume)
      if !subPath.isEmpty, case .live(let read) = content { content = .fixed(read()) }
      return ContainerMount(
        path: path, volume: content, subPath: subPath.split(separator: "/").joined(separator: "/"),
        isReadOnly: mount["readOnly"]?.bool == true)
    }
  }

  private func content(of volume: JSON) -> MountedVolume {
    let name = volume.text("name")
    if let claim = volume["persistentVolumeClaim"] {
      return claimed(claim.text("claimName"))
    }
    if volume["ephemeral"] != nil { return claimed("\(key.name)-\(name)") }
    if let path = volume.at("hostPath", "path")?.string { return .stored(VolumeID.host(place.node, path)) }
    let isProjected = Self.sources(volume).contains { source in
      ["configMap", "secret", "downwardAPI", "serviceAccountToken"].contains { source[$0] != nil }
    }
    if !isProjected { return .stored(VolumeID.pod(uid, name)) }
    return .live { [self] in files(of: name) }
  }

  private static func sources(_ volume: JSON) -> [JSON] { volume["projected"]?.list("sources") ?? [volume] }

  /// What a volume holds now.
  private func files(of name: String) -> [String: String] {
    let snapshot = snapshot()
    guard let object = snapshot[key], object.uid == uid else { return [:] }
    let pod = PodDetails(object)
    guard let volume = pod.spec.list("volumes").first(where: { $0.text("name") == name }) else { return [:] }
    return Self.sources(volume).reduce(into: [:]) { files, source in
      files.merge(self.files(source, pod, snapshot)) { $1 }
    }
  }

  private func claimed(_ name: String) -> MountedVolume {
    let claim = snapshot()[Key(.persistentVolumeClaims, namespace: key.namespace, name: name)]
    return .stored(VolumeID.claim(key.namespace, claim?.uid ?? name))
  }

  private func files(_ source: JSON, _ pod: PodDetails, _ snapshot: Snapshot) -> [String: String] {
    if let reference = source["configMap"] {
      return selected(reference, texts(reference.text("name"), .configMaps, snapshot))
    }
    if let reference = source["secret"] {
      let name = reference.text("secretName").isEmpty ? reference.text("name") : reference.text("secretName")
      return selected(reference, texts(name, .secrets, snapshot))
    }
    if let token = source["serviceAccountToken"] {
      let path = token.text("path").isEmpty ? "token" : token.text("path")
      let seconds = token["expirationSeconds"]?.int ?? 3600
      // A pod that is going has no account any more; then nothing is there to be read.
      let text = try? tokens?.text(key, uid: uid, audience: token.text("audience"), seconds: seconds)
      return [path: text ?? ""]
    }
    let items = source["downwardAPI"]?.list("items") ?? []
    return items.reduce(into: [:]) { files, item in
      if let path = item.at("fieldRef", "fieldPath")?.string {
        files[item.text("path")] = PodFields.value(path, pod, place)
      } else if let reference = item["resourceFieldRef"] {
        let resources = pod.container(reference.text("containerName"))["resources"] ?? .emptyObject
        files[item.text("path")] = PodFields.resource(reference, of: resources, place)
      }
    }
  }

  private func texts(_ name: String, _ resource: GroupResource, _ snapshot: Snapshot) -> [String: String] {
    snapshot[Key(resource, namespace: key.namespace, name: name)].map(ConfigTexts.all) ?? [:]
  }

  /// The keys that `items` names, under the paths it gives them; all of them when it names none.
  private func selected(_ reference: JSON, _ texts: [String: String]) -> [String: String] {
    let items = reference.list("items")
    if items.isEmpty { return texts }
    return items.reduce(into: [:]) { files, item in files[item.text("path")] = texts[item.text("key")] }
  }
}
