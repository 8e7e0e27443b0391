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
      var result = self.mount(volume, at: path, pod)
      if !subPath.isEmpty, case .live(let read) = result.volume { result.volume = .fixed(read()) }
      // A path of a node is a part of all that the node has.
      let parts = [result.subPath, subPath].flatMap { $0.split(separator: "/") }
      result.subPath = parts.joined(separator: "/")
      result.isReadOnly = mount["readOnly"]?.bool == true
      result.group = pod.spec.at("securityContext", "fsGroup")?.int
      return result
    }
  }

  private func mount(_ volume: JSON, at path: String, _ pod: PodDetails) -> ContainerMount {
    let name = volume.text("name")
    if let claim = volume["persistentVolumeClaim"] {
      return claimed(claim.text("claimName"), at: path)
    }
    if volume["ephemeral"] != nil { return claimed("\(key.name)-\(name)", at: path) }
    if let place = volume.at("hostPath", "path")?.string {
      return ContainerMount(path: path, volume: .stored(VolumeID.host(self.place.node)), subPath: place)
    }
    if PodProjection.sources(volume).contains(where: PodProjection.isProjected) {
      var mount = ContainerMount(path: path, volume: .live { [self] in files(of: name) })
      if volume["configMap"] == nil { mount.medium = .memory }
      return mount
    }
    var mount = ContainerMount(path: path, volume: .stored(VolumeID.pod(uid, name)))
    if volume.at("emptyDir", "medium")?.string == "Memory" {
      mount.medium = .memory
      let size = Quantity(volume.at("emptyDir", "sizeLimit")) ?? Quantity(place.allocatable["memory"])
      mount.size = size.map { Int64(clamping: $0.value) }
    }
    return mount
  }

  /// What a volume holds now.
  private func files(of name: String) -> ProjectedFiles {
    let snapshot = snapshot()
    guard let object = snapshot[key], object.uid == uid else { return ProjectedFiles() }
    let pod = PodDetails(object)
    guard let volume = pod.spec.list("volumes").first(where: { $0.text("name") == name }) else {
      return ProjectedFiles()
    }
    return PodProjection(pod: pod, place: place, snapshot: snapshot, tokens: tokens).files(of: volume)
  }

  private func claimed(_ name: String, at path: String) -> ContainerMount {
    let claim = snapshot()[Key(.persistentVolumeClaims, namespace: key.namespace, name: name)]
    var mount = ContainerMount(path: path, volume: .stored(VolumeID.claim(key.namespace, claim?.uid ?? name)))
    mount.size = Quantity(claim?.json.at("status", "capacity", "storage")).map { Int64(clamping: $0.value) }
    return mount
  }
}
