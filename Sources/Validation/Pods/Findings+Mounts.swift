import JSONCore
import Objects

/// Where the containers of a pod find its volumes.
extension Findings {
  /// - Parameter volumes: those that can be mounted.
  mutating func volumeMounts(_ container: JSON, _ path: Path, volumes: [String: JSON]) {
    guard container["volumeMounts"] != nil else { return }
    var points = Set<String>()
    let path = path.child("volumeMounts")
    let devices = container.list("volumeDevices")
    for (index, mount) in container.list("volumeMounts").enumerated() {
      let place = path.index(index)
      let name = mount.text("name")
      if name.isEmpty { required(place.child("name")) }
      if volumes[name] == nil { add(.notFound(place.child("name"), .string(name))) }
      let point = mount.text("mountPath")
      if point.isEmpty { required(place.child("mountPath")) }
      if !points.insert(point).inserted { invalid(place.child("mountPath"), .string(point), "must be unique") }
      if devices.contains(where: { $0.text("name") == name }) {
        invalid(place.child("name"), .string(name), "must not already exist in volumeDevices")
      }
      if devices.contains(where: { $0.text("devicePath") == point }) {
        invalid(place.child("mountPath"), .string(point), "must not already exist as a path in volumeDevices")
      }
      if let sub = mount["subPath"]?.string, !sub.isEmpty { descendingPath(sub, path.child("subPath")) }
      if let sub = mount["subPathExpr"]?.string, !sub.isEmpty {
        if !mount.text("subPath").isEmpty {
          invalid(place.child("subPathExpr"), .string(sub), "subPathExpr and subPath are mutually exclusive")
        }
        descendingPath(sub, path.child("subPathExpr"))
      }
      propagation(of: mount, in: container, path.child("mountPropagation"))
      recursiveReadOnly(mount, path.child("recursiveReadOnly"))
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
  mutating func volumeDevices(_ container: JSON, _ path: Path, volumes: [String: JSON]) {
    guard container["volumeDevices"] != nil else { return }
    var names = Set<String>()
    var paths = Set<String>()
    let mounts = container.list("volumeMounts")
    for (path, device) in elements(container["volumeDevices"], path.child("volumeDevices")) {
      let name = device.text("name")
      let place = device.text("devicePath")
      if name.isEmpty { required(path.child("name")) }
      if names.contains(name) { invalid(path.child("name"), .string(name), "must be unique") }
      if let volume = volumes[name] {
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
      if Self.climbs(place) {
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
