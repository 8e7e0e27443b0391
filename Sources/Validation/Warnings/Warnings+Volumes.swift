import JSONCore
import Objects

extension Warnings {
  /// Kinds of volumes that are no longer mounted by anybody.
  private static let deprecatedVolumes = [
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
  ]

  /// One message names another field than the one it is about.
  private static func shownName(of kind: String) -> String { kind == "storageos" ? "storageOS" : kind }

  mutating func volumes(_ volumes: JSON?, _ path: Path) {
    for (path, volume) in Self.elements(volumes, path) {
      for (kind, text) in Self.deprecatedVolumes where volume[kind] != nil {
        let isPhoton = kind == "photonPersistentDisk"
        add(path.child(Self.shownName(of: kind)), isPhoton ? "non-functional in v1.16+" : text)
      }
      if let spec = volume.at("ephemeral", "volumeClaimTemplate", "spec") {
        claimSpec(spec, path.child("ephemeral").child("volumeClaimTemplate").child("spec"))
      }
    }
  }

  /// A file that a volume is to have, and what it comes from.
  private struct File {
    var path: String
    var source = ""

    var description: String {
      source.isEmpty ? Status.quoted(path) : "\(Status.quoted(path)) (\(source))"
    }

    func overlaps(_ other: File) -> Bool {
      path == other.path || path.hasPrefix(other.path + "/") || other.path.hasPrefix(path + "/")
    }
  }

  mutating func overlappingFiles(_ volumes: JSON?) {
    for volume in volumes?.array ?? [] {
      let name = volume.text("name")
      for (kind, title, field) in [("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")] {
        guard let source = volume[kind] else { continue }
        overlaps(Self.files(source["items"]), name, "\(title) \(Status.quoted(source.text(field)))")
      }
      if let source = volume["downwardAPI"] { overlaps(Self.files(source["items"]), name, "DownwardAPI") }
      if let source = volume["projected"] { projected(source.list("sources"), name) }
    }
  }

  private mutating func projected(_ sources: [JSON], _ name: String) {
    var files: [File] = []
    for source in sources {
      if source.object?.isEmpty != false {
        add("volume \(Status.quoted(name)) (Projected) has no sources provided")
      } else if let map = source["configMap"] {
        files += Self.files(map["items"], "ConfigMap \(Status.quoted(map.text("name")))")
      } else if let secret = source["secret"] {
        files += Self.files(secret["items"], "Secret \(Status.quoted(secret.text("name")))")
      } else if let downward = source["downwardAPI"] {
        files += Self.files(downward["items"], "DownwardAPI")
      } else if let token = source["serviceAccountToken"] {
        files.append(File(path: token.text("path"), source: "ServiceAccountToken"))
      } else if let bundle = source["clusterTrustBundle"] {
        let from = bundle.text(bundle["name"] == nil ? "signerName" : "name")
        files.append(File(path: bundle.text("path"), source: "ClusterTrustBundle \(Status.quoted(from))"))
      }
    }
    overlaps(files, name, "Projected")
  }

  private static func files(_ items: JSON?, _ source: String = "") -> [File] {
    (items?.array ?? []).map { File(path: $0.text("path"), source: source) }
  }

  private mutating func overlaps(_ files: [File], _ volume: String, _ title: String) {
    var known: [File] = []
    for file in files {
      var file = file
      while file.path.hasSuffix("/") { file.path.removeLast() }
      for other in known where file.overlaps(other) {
        add(
          "volume \(Status.quoted(volume)) (\(title)): overlapping paths: \(file.description) with \(other.description)"
        )
      }
      known.append(file)
    }
  }
}

extension Warnings {
  private static let classAnnotation = "volume.beta.kubernetes.io/storage-class"

  private mutating func storageClassAnnotation(_ object: JSON) {
    if object.at("metadata", "annotations", Self.classAnnotation) != nil {
      add(
        Path("metadata.annotations").key(Self.classAnnotation),
        "deprecated since v1.8; use \"storageClassName\" attribute instead")
    }
  }

  mutating func claim(_ claim: JSON) {
    storageClassAnnotation(claim)
    claimSpec(claim["spec"] ?? .emptyObject, "spec")
  }

  mutating func claimSpec(_ spec: JSON, _ path: Path) {
    wholeBytes(
      spec.at("resources", "requests", "storage"), path.child("resources").child("requests").key("storage"))
  }

  mutating func persistentVolume(_ volume: JSON) {
    let spec = volume["spec"] ?? .emptyObject
    let terms = Path("spec.nodeAffinity.required.nodeSelectorTerms")
    for (path, term) in Self.elements(spec.at("nodeAffinity", "required", "nodeSelectorTerms"), terms) {
      nodeSelectorTerm(term, path)
    }
    storageClassAnnotation(volume)
    if spec.text("persistentVolumeReclaimPolicy") == "Recycle" {
      add(
        "spec.persistentVolumeReclaimPolicy",
        "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.")
    }
    wholeBytes(spec.at("capacity", "storage"), Path("spec.capacity").key("storage"))
    for (kind, text) in Self.deprecatedVolumes where spec[kind] != nil {
      add(Path("spec").child(Self.shownName(of: kind)), text)
    }
  }

  mutating func statefulSet(_ set: JSON) {
    let path = Path("spec").child("volumeClaimTemplates")
    for (path, claim) in Self.elements(set["spec"]?["volumeClaimTemplates"], path) {
      claimSpec(claim["spec"] ?? .emptyObject, path.child("Spec"))
    }
    if let limit = set["spec"]?["revisionHistoryLimit"]?.int, limit < 0 {
      add(
        "spec.revisionHistoryLimit",
        "a negative value retains all historical revisions; a value >= 0 is recommended")
    }
  }

  mutating func storageClass(_ object: JSON) {
    for (path, term) in Self.elements(object["allowedTopologies"], "allowedTopologies") {
      let path = path.child("matchLabelExpressions")
      for (path, expression) in Self.elements(term["matchLabelExpressions"], path) {
        if let text = Self.deprecatedNodeLabels[expression.text("key")] { add(path.child("key"), text) }
      }
    }
  }

  /// The keys of a label selector that is matched with nodes.
  mutating func selectorKeys(_ selector: JSON?, _ path: Path) {
    for key in selector?["matchLabels"]?.object?.allKeys ?? [] {
      if let text = Self.deprecatedNodeLabels[key] { add(path.child("matchLabels").key(key), text) }
    }
    for (path, expression) in Self.elements(selector?["matchExpressions"], path.child("matchExpressions")) {
      let key = expression.text("key")
      if let text = Self.deprecatedNodeLabels[key] { add(path.child("key"), "\(key) is \(text)") }
    }
  }
}
