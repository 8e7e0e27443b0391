import JSONCore
import Objects

/// The kinds of storage, of volumes of pods and of persistent ones.
extension Findings {
  private static let requiredVolumeFields: [String: [String]] = [
    "secret": ["secretName"], "configMap": ["name"], "persistentVolumeClaim": ["claimName"],
    "nfs": ["server", "path"], "iscsi": ["targetPortal", "iqn"], "gitRepo": ["repository"],
    "gcePersistentDisk": ["pdName"], "awsElasticBlockStore": ["volumeID"], "glusterfs": ["endpoints", "path"],
    "azureFile": ["secretName", "shareName"], "azureDisk": ["diskName", "diskURI"], "cinder": ["volumeID"],
    "quobyte": ["volume"], "vsphereVolume": ["volumePath"], "flexVolume": ["driver"], "rbd": ["image"],
    "scaleIO": ["gateway", "system", "volumeName"], "photonPersistentDisk": ["pdID"], "portworxVolume": ["volumeID"],
  ]

  mutating func source(_ kind: String, _ source: JSON, _ path: Path, isPersistent: Bool = false) {
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
      for file in source.list("items") { downwardFile(file, path) }
    case "projected": projected(source, path)
    case "gitRepo": descendingPath(source.text("directory"), path.child("directory"))
    case "nfs":
      if !source.text("path").hasPrefix("/") {
        invalid(path.child("path"), .string(source.text("path")), "must be an absolute path")
      }
    case "gcePersistentDisk", "awsElasticBlockStore":
      if let number = source["partition"]?.int, !(0...255).contains(number) {
        invalid(path.child("partition"), JSON(number), "must be between 1 and 255, inclusive")
      }
    case "rbd", "cephfs":
      if source.list("monitors").isEmpty { required(path.child("monitors")) }
    case "csi" where !isPersistent: inlineDriver(source, path)
    default: rareSource(kind, source, path, isPersistent: isPersistent)
    }
  }

  private mutating func rareSource(_ kind: String, _ source: JSON, _ path: Path, isPersistent: Bool) {
    switch kind {
    case "iscsi": iscsi(source, path, isPersistent: isPersistent)
    case "flocker": flocker(source, path)
    case "quobyte": quobyte(source, path)
    case "fc": fibreChannel(source, path)
    case "azureDisk": azureDisk(source, path)
    case "storageos":
      for field in ["volumeName", "volumeNamespace"] {
        let name = source.text(field)
        if name.isEmpty {
          if field == "volumeName" { required(path.child(field)) }
        } else {
          invalid(path.child(field), name, messages: Names.label(name))
        }
      }
      secretReference(source["secretRef"], path.child("secretRef"), isPersistent: isPersistent)
    case "cinder": secretReference(source["secretRef"], path.child("secretRef"), isPersistent: isPersistent)
    case "flexVolume":
      for key in source["options"]?.object?.allKeys ?? [] {
        let domain = "." + (key.split(separator: "/", maxSplits: 1).first.map(String.init) ?? "").lowercased()
        if domain.hasSuffix(".kubernetes.io") || domain.hasSuffix(".k8s.io") {
          invalid(
            path.child("options").key(key), .string(key), "kubernetes.io and k8s.io namespaces are reserved")
        }
      }
    case "azureFile":
      if isPersistent, source["secretNamespace"]?.string?.isEmpty == true { required(path.child("secretNamespace")) }
    default: break
    }
  }

  private mutating func secretReference(_ reference: JSON?, _ path: Path, isPersistent: Bool) {
    guard let reference else { return }
    for field in isPersistent ? ["name", "namespace"] : ["name"] where reference.text(field).isEmpty {
      required(path.child(field))
    }
  }

  private mutating func hostPath(_ source: JSON, _ path: Path) {
    if source.text("path").isEmpty { return required(path.child("path")) }
    steadyPath(source.text("path"), path.child("path"))
    if let type = source["type"]?.string {
      supported(
        path.child("type"), type,
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"])
    }
  }

  private mutating func inlineDriver(_ source: JSON, _ path: Path) {
    driverName(source.text("driver"), path.child("driver"))
    guard let reference = source["nodePublishSecretRef"] else { return }
    let name = reference.text("name")
    if name.isEmpty {
      required(path.child("nodePublishSecretRef").child("name"))
    } else {
      invalid(path.child("name"), name, messages: Names.subdomain(name))
    }
  }

  private static let driverNameMaximum = 63

  /// The name of a storage driver (`ValidateCSIDriverName`).
  mutating func driverName(_ name: String, _ path: Path) {
    if name.isEmpty { required(path) }
    if name.utf8.count > Self.driverNameMaximum { add(.tooLong(path, limit: Self.driverNameMaximum)) }
    invalid(path, name, messages: Names.subdomain(name.lowercased()))
  }

  private mutating func fibreChannel(_ source: JSON, _ path: Path) {
    let names = source.list("targetWWNs")
    let path = path
    if names.isEmpty, source.list("wwids").isEmpty {
      required(path.child("targetWWNs"), "must specify either targetWWNs or wwids, but not both")
    }
    if names.isEmpty { return }
    if !source.list("wwids").isEmpty {
      invalid(
        path.child("targetWWNs"), source["targetWWNs"], "targetWWNs and wwids can not be specified simultaneously")
    }
    guard source["lun"] != nil else {
      return required(path.child("lun"), "lun is required if targetWWNs is specified")
    }
    inRange(path.child("lun"), source["lun"], 0...255)
  }

  private mutating func flocker(_ source: JSON, _ path: Path) {
    let name = source.text("datasetName")
    let id = source.text("datasetUUID")
    if name.isEmpty, id.isEmpty { required(path, "one of datasetName and datasetUUID is required") }
    if !name.isEmpty, !id.isEmpty {
      invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously")
    }
    if name.contains("/") { invalid(path.child("datasetName"), .string(name), "must not contain '/'") }
  }

  private mutating func quobyte(_ source: JSON, _ path: Path) {
    let words = "must be a host:port pair or multiple pairs separated by commas"
    let registry = source.text("registry")
    if registry.isEmpty { return required(path.child("registry"), words) }
    if source.text("tenant").utf8.count >= 65 {
      return required(path.child("tenant"), "must be a UUID and may not exceed a length of 64 characters")
    }
    for pair in registry.split(separator: ",", omittingEmptySubsequences: false)
    where pair.split(separator: ":", omittingEmptySubsequences: false).count != 2 {
      invalid(path.child("registry"), .string(registry), words)
    }
  }

  private mutating func azureDisk(_ source: JSON, _ path: Path) {
    if let mode = source["cachingMode"]?.string {
      supported(path.child("cachingMode"), mode, ["None", "ReadOnly", "ReadWrite"])
    }
    guard let kind = source["kind"]?.string else { return }
    supported(path.child("kind"), kind, ["Dedicated", "Managed", "Shared"])
    let address = source.text("diskURI")
    if kind == "Managed", !address.hasPrefix("/subscriptions/") {
      let form =
        "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
      add(.notSupported(path.child("diskURI"), .string(address), [form]))
    } else if kind != "Managed", !address.hasPrefix("https://") {
      let form = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
      add(.notSupported(path.child("diskURI"), .string(address), [form]))
    }
  }
}
