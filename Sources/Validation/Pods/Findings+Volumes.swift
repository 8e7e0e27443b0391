import JSONCore
import Objects

extension Findings {
  /// `volumes` of a pod; gives those without a fault, which mounts may use, by their names.
  /// - Parameter podName: of a real pod; claims are named after it.
  mutating func volumes(_ volumes: JSON?, _ path: Path, use: PodUse, podName: String) -> [String: JSON] {
    var good: [String: JSON] = [:]
    let list = volumes?.array ?? []
    let created =
      podName.isEmpty ? [] : Set(list.filter { $0["ephemeral"] != nil }.map { "\(podName)-\($0.text("name"))" })
    for (path, volume) in elements(volumes, path) {
      let name = volume.text("name")
      let count = errors.count
      volumeSource(volume, path, use: use, podName: podName)
      if name.isEmpty {
        required(path.child("name"))
      } else {
        invalid(path.child("name"), name, messages: Names.label(name))
      }
      if good[name] != nil { duplicate(path.child("name"), .string(name)) }
      if errors.count == count { good[name] = volume }
      if let claim = volume.at("persistentVolumeClaim", "claimName")?.string, created.contains(claim) {
        invalid(
          path.child("persistentVolumeClaim").child("claimName"), .string(claim),
          "must not reference a PVC that gets created for an ephemeral volume")
      }
    }
    return good
  }

  /// In the order in which the stock server looks at them: the first one counts, the others are too much.
  private static let volumeKinds = [
    "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi",
    "glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc",
    "flexVolume", "configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk",
    "storageos", "projected", "scaleIO", "csi", "ephemeral", "image",
  ]

  /// Two names are misspelt where a volume too many is told of.
  private static let misspelt = ["cephfs": "cephFS", "downwardAPI": "downwarAPI"]

  private mutating func volumeSource(_ volume: JSON, _ path: Path, use: PodUse, podName: String) {
    var count = 0
    for kind in Self.volumeKinds {
      guard let source = volume[kind], !source.isNull else { continue }
      count += 1
      if count > 1 {
        forbidden(path.child(Self.misspelt[kind] ?? kind), "may not specify more than 1 volume type")
        continue
      }
      switch kind {
      case "image":
        if case .pod = use, source.text("reference").isEmpty { required(path.child("image").child("reference")) }
        oneOf(
          path.child("image").child("pullPolicy"), source.text("pullPolicy"), ["Always", "IfNotPresent", "Never"])
      case "ephemeral": ephemeral(source, volume.text("name"), path, podName: podName)
      default: self.source(kind, source, path.child(Self.shownKind(kind)))
      }
    }
    if volume.at("iscsi", "initiatorName") != nil,
      "\(volume.text("name")):\(volume["iscsi"]?.text("targetPortal") ?? "")".utf8.count > 64
    {
      invalid(path.child("name"), volume["name"], Self.longPortal)
    }
    if count == 0 { required(path, "must specify a volume type") }
  }

  static let longPortal =
    "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified."

  /// One kind is judged under another name.
  static func shownKind(_ kind: String) -> String { kind == "gcePersistentDisk" ? "persistentDisk" : kind }

  private mutating func ephemeral(_ source: JSON, _ name: String, _ path: Path, podName: String) {
    let place = path.child("ephemeral").child("volumeClaimTemplate")
    guard let template = source["volumeClaimTemplate"] else { return required(place) }
    let metadata = template["metadata"]
    annotations(metadata?["annotations"], place.child("metadata").child("annotations"))
    labels(metadata?["labels"], place.child("metadata").child("labels"))
    for (field, value) in metadata?.object ?? Members()
    where !["annotations", "labels", "creationTimestamp"].contains(field) && !value.isNull {
      forbidden(place.child("metadata").child(field), "cannot be set")
    }
    claimSpec(template["spec"] ?? .emptyObject, place.child("spec"))
    if podName.isEmpty || name.isEmpty { return }
    let claim = "\(podName)-\(name)"
    for message in Names.subdomain(claim) {
      invalid(path.child("name"), .string(name), "PVC name \(Status.quoted(claim)): \(message)")
    }
  }

  mutating func fileMode(_ mode: JSON?, _ path: Path) {
    if let mode = mode?.int, !(0...0o777).contains(mode) {
      invalid(path, JSON(mode), "must be a number between 0 and 0777 (octal), both inclusive")
    }
  }

  mutating func keyPaths(_ items: JSON?, _ path: Path) {
    for (path, item) in elements(items, path) {
      if item.text("key").isEmpty { required(path.child("key")) }
      if item.text("path").isEmpty { required(path.child("path")) }
      relativePath(item.text("path"), path.child("path"))
      fileMode(item["mode"], path.child("mode"))
    }
  }

  /// A path that does not climb.
  mutating func steadyPath(_ text: String, _ path: Path) {
    if Self.climbs(text) { invalid(path, .string(text), "must not contain '..'") }
  }

  static func climbs(_ text: String) -> Bool { text.split(separator: "/").contains("..") }

  /// A path inside a volume: relative, and not climbing out.
  mutating func descendingPath(_ text: String, _ path: Path) {
    if text.hasPrefix("/") { invalid(path, .string(text), "must be a relative path") }
    steadyPath(text, path)
  }

  /// Names that begin with two dots are those of the kubelet itself.
  mutating func relativePath(_ text: String, _ path: Path) {
    descendingPath(text, path)
    if text.hasPrefix(".."), !text.hasPrefix("../") { invalid(path, .string(text), "must not start with '..'") }
  }
}
