import JSONCore
import Objects

extension Findings {
  /// `volumes` of a pod; gives the names that mounts may use.
  mutating func volumes(_ volumes: JSON?, _ path: Path) -> Set<String> {
    var names = Set<String>()
    for (path, volume) in elements(volumes, path) {
      let name = volume.text("name")
      if name.isEmpty {
        required(path.child("name"))
      } else {
        invalid(path.child("name"), name, messages: Names.label(name))
        if !names.insert(name).inserted { duplicate(path.child("name"), .string(name)) }
      }
      volumeSource(volume, path)
    }
    return names
  }

  private mutating func volumeSource(_ volume: JSON, _ path: Path) {
    var count = 0
    for (kind, source) in volume.object ?? Members() where kind != "name" && !source.isNull {
      count += 1
      if count > 1 {
        forbidden(path.child(kind), "may not specify more than 1 volume type")
        continue
      }
      self.source(kind, source, path.child(kind))
    }
    if count == 0 { required(path, "must specify a volume type") }
  }

  mutating func source(_ kind: String, _ source: JSON, _ path: Path) {
    for field in Self.requiredVolumeFields[kind] ?? [] where source.text(field).isEmpty {
      required(path.child(field))
    }
    switch kind {
    case "emptyDir":
      if let limit = Quantity(source["sizeLimit"]), limit < .zero {
        forbidden(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity")
      }
    case "hostPath": hostPath(source, path)
    case "secret", "configMap":
      fileMode(source["defaultMode"], path.child("defaultMode"))
      keyPaths(source["items"], path.child("items"))
    case "downwardAPI":
      fileMode(source["defaultMode"], path.child("defaultMode"))
      downwardFiles(source["items"], path.child("items"))
    case "projected": projected(source, path)
    case "nfs":
      if !source.text("path").hasPrefix("/") {
        invalid(path.child("path"), source["path"], "must be an absolute path")
      }
    case "iscsi":
      let name = source.text("iqn")
      if !name.isEmpty, !["iqn", "eui", "naa"].contains(where: name.hasPrefix) {
        invalid(path.child("iqn"), .string(name), "must be valid format")
      }
      inRange(path.child("lun"), source["lun"], 0...255)
    case "rbd", "cephfs":
      if source.list("monitors").isEmpty { required(path.child("monitors")) }
    case "image":
      if source.text("reference").isEmpty { required(path.child("reference")) }
      if let policy = source["pullPolicy"]?.string {
        supported(path.child("pullPolicy"), policy, ["Always", "IfNotPresent", "Never"])
      }
    case "ephemeral":
      if let template = source["volumeClaimTemplate"] {
        claimSpec(template["spec"] ?? .emptyObject, path.child("volumeClaimTemplate").child("spec"))
      } else {
        required(path.child("volumeClaimTemplate"))
      }
    default: break
    }
  }

  private static let requiredVolumeFields: [String: [String]] = [
    "hostPath": ["path"], "secret": ["secretName"], "configMap": ["name"], "persistentVolumeClaim": ["claimName"],
    "nfs": ["server", "path"], "iscsi": ["targetPortal", "iqn"], "csi": ["driver"], "gitRepo": ["repository"],
    "gcePersistentDisk": ["pdName"], "awsElasticBlockStore": ["volumeID"], "glusterfs": ["endpoints", "path"],
    "azureFile": ["secretName", "shareName"], "azureDisk": ["diskName", "diskURI"], "cinder": ["volumeID"],
    "quobyte": ["registry", "volume"], "vsphereVolume": ["volumePath"], "flexVolume": ["driver"], "rbd": ["image"],
    "storageos": ["volumeName"], "scaleIO": ["gateway", "system", "volumeName"],
  ]

  private mutating func hostPath(_ source: JSON, _ path: Path) {
    if source.text("path").split(separator: "/").contains("..") {
      invalid(path.child("path"), source["path"], "must not contain '..'")
    }
    if let type = source["type"]?.string, !type.isEmpty {
      supported(
        path.child("type"), type,
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"])
    }
  }

  mutating func fileMode(_ mode: JSON?, _ path: Path) {
    if let mode = mode?.int, !(0...0o777).contains(mode) {
      invalid(path, JSON(mode), "must be a number between 0 and 0777 (octal), both inclusive")
    }
  }

  private mutating func keyPaths(_ items: JSON?, _ path: Path) {
    for (path, item) in elements(items, path) {
      if item.text("key").isEmpty { required(path.child("key")) }
      if item.text("path").isEmpty { required(path.child("path")) }
      relativePath(item.text("path"), path.child("path"))
      fileMode(item["mode"], path.child("mode"))
    }
  }

  private mutating func downwardFiles(_ items: JSON?, _ path: Path) {
    for (path, item) in elements(items, path) {
      if item.text("path").isEmpty { required(path.child("path")) }
      relativePath(item.text("path"), path.child("path"))
      fileMode(item["mode"], path.child("mode"))
      switch (item["fieldRef"], item["resourceFieldRef"]) {
      case (let field?, nil): fieldReference(field, path.child("fieldRef"), allowed: Self.volumeFields)
      case (nil, let resource?):
        if resource.text("containerName").isEmpty {
          required(path.child("resourceFieldRef").child("containerName"))
        } else {
          resourceReference(resource, path.child("resourceFieldRef"))
        }
      case (_?, _?): invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")
      case (nil, nil): required(path, "one of fieldRef and resourceFieldRef is required")
      }
    }
  }

  private mutating func projected(_ source: JSON, _ path: Path) {
    fileMode(source["defaultMode"], path.child("defaultMode"))
    let kinds = ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"]
    for (path, entry) in elements(source["sources"], path.child("sources")) {
      let used = kinds.filter { entry[$0] != nil }
      if used.count > 1 { forbidden(path.child(used[1]), "may not specify more than 1 volume type per source") }
      guard let kind = used.first, let value = entry[kind] else {
        required(path, "must specify a volume type")
        continue
      }
      let path = path.child(kind)
      switch kind {
      case "secret", "configMap":
        if value.text("name").isEmpty { required(path.child("name")) }
        keyPaths(value["items"], path.child("items"))
      case "downwardAPI": downwardFiles(value["items"], path.child("items"))
      case "serviceAccountToken":
        if let seconds = value["expirationSeconds"]?.int {
          if seconds < 600 {
            invalid(path.child("expirationSeconds"), JSON(seconds), "may not specify a duration less than 10 minutes")
          }
          if seconds > 1 << 32 {
            invalid(
              path.child("expirationSeconds"), JSON(seconds), "may not specify a duration larger than 2^32 seconds")
          }
        }
        if value.text("path").isEmpty {
          required(path.child("path"))
        } else {
          relativePath(value.text("path"), path.child("path"))
        }
      default: break
      }
    }
  }

  /// A path inside a volume: relative, and not climbing out.
  mutating func descendingPath(_ text: String, _ path: Path) {
    if text.hasPrefix("/") { invalid(path, .string(text), "must be a relative path") }
    if text.split(separator: "/").contains("..") { invalid(path, .string(text), "must not contain '..'") }
  }

  /// Names that begin with two dots are those of the kubelet itself.
  mutating func relativePath(_ text: String, _ path: Path) {
    descendingPath(text, path)
    if text.hasPrefix(".."), !text.split(separator: "/").contains("..") {
      invalid(path, .string(text), "must not start with '..'")
    }
  }

  /// `volumeMounts` and `volumeDevices` of a container.
  mutating func volumeMounts(_ container: JSON, _ path: Path, volumes: Set<String>) {
    var points = Set<String>()
    let path = path.child("volumeMounts")
    for (index, mount) in container.list("volumeMounts").enumerated() {
      let place = path.index(index)
      let name = mount.text("name")
      if name.isEmpty { required(place.child("name")) }
      if !volumes.contains(name) { add(.notFound(place.child("name"), .string(name))) }
      let point = mount.text("mountPath")
      if point.isEmpty { required(place.child("mountPath")) }
      if !points.insert(point).inserted { invalid(place.child("mountPath"), .string(point), "must be unique") }
      if let sub = mount["subPath"]?.string, !sub.isEmpty { descendingPath(sub, path.child("subPath")) }
      if let sub = mount["subPathExpr"]?.string, !sub.isEmpty {
        if !mount.text("subPath").isEmpty {
          invalid(path.child("subPathExpr"), .string(sub), "subPathExpr and subPath are mutually exclusive")
        }
        descendingPath(sub, path.child("subPathExpr"))
      }
      propagation(of: mount, in: container, path.child("mountPropagation"))
      recursiveReadOnly(mount, place.child("recursiveReadOnly"))
    }
  }

  private mutating func propagation(of mount: JSON, in container: JSON, _ path: Path) {
    guard let propagation = mount["mountPropagation"]?.string else { return }
    supported(path, propagation, ["Bidirectional", "HostToContainer", "None"])
    if propagation == "Bidirectional", container.at("securityContext", "privileged")?.bool != true {
      forbidden(path, "Bidirectional mount propagation is available only to privileged containers")
    }
  }

  private mutating func recursiveReadOnly(_ mount: JSON, _ path: Path) {
    guard let mode = mount["recursiveReadOnly"]?.string else { return }
    switch mode {
    case "Disabled": break
    case "Enabled", "IfPossible":
      if mount["readOnly"]?.bool != true { forbidden(path, "may only be specified when readOnly is true") }
      if !["", "None"].contains(mount.text("mountPropagation")) {
        forbidden(path, "may only be specified when mountPropagation is None or not specified")
      }
    default: add(.notSupported(path, .string(mode), ["Disabled", "Enabled", "IfPossible"]))
    }
  }

  /// Raw devices of a container: claims only, and not mounted as well.
  mutating func volumeDevices(_ container: JSON, _ path: Path, volumes: [JSON]) {
    var names = Set<String>()
    var paths = Set<String>()
    let mounts = container.list("volumeMounts")
    for (path, device) in elements(container["volumeDevices"], path.child("volumeDevices")) {
      let name = device.text("name")
      let place = device.text("devicePath")
      if name.isEmpty { required(path.child("name")) }
      if names.contains(name) { invalid(path.child("name"), .string(name), "must be unique") }
      if let volume = volumes.first(where: { $0.text("name") == name }) {
        if volume["persistentVolumeClaim"] == nil, volume["ephemeral"] == nil {
          invalid(
            path.child("name"), .string(name),
            "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode")
        }
      } else {
        add(.notFound(path.child("name"), .string(name)))
      }
      if place.isEmpty { required(path.child("devicePath")) }
      if paths.contains(place) { invalid(path.child("devicePath"), .string(place), "must be unique") }
      if place.split(separator: "/").contains("..") {
        invalid(path.child("devicePath"), .string(place), "can not contain backsteps ('..')")
      } else {
        paths.insert(place)
      }
      if mounts.contains(where: { $0.text("name") == name }) {
        invalid(path.child("name"), .string(name), "must not already exist in volumeMounts")
      }
      if mounts.contains(where: { $0.text("mountPath") == place }) {
        invalid(path.child("devicePath"), .string(place), "must not already exist as a path in volumeMounts")
      }
      if !name.isEmpty { names.insert(name) }
    }
  }
}
