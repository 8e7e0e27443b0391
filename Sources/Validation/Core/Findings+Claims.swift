import JSONCore
import Objects

extension Findings {
  private static let accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]

  /// `accessModes` of a claim or of a volume.
  mutating func accessModes(_ spec: JSON, _ path: Path, missing words: String) {
    let path = path.child("accessModes")
    let modes = spec.list("accessModes").compactMap(\.string)
    if modes.isEmpty { required(path, words) }
    for mode in modes { supported(path, mode, Self.accessModes) }
    let known = modes.filter(Self.accessModes.contains)
    if known.contains("ReadWriteOncePod"), known.contains(where: { $0 != "ReadWriteOncePod" }) {
      forbidden(path, "may not use ReadWriteOncePod with other access modes")
    }
  }

  /// `spec` of a claim, or of a claim's template.
  mutating func claimSpec(_ spec: JSON, _ path: Path) {
    accessModes(spec, path, missing: "at least 1 access mode is required")
    labelSelector(spec["selector"], path.child("selector"))
    let place = path.child("resources").key("storage")
    if let value = spec.at("resources", "requests", "storage") {
      if let amount = Quantity(value), amount <= .zero {
        invalid(place, .string(amount.description), "must be greater than zero")
      }
    } else {
      required(place)
    }
    for field in ["storageClassName", "volumeAttributesClassName"] {
      if let name = spec[field]?.string, !name.isEmpty {
        invalid(path.child(field), name, messages: Names.subdomain(name))
      }
    }
    if let mode = spec["volumeMode"]?.string { supported(path.child("volumeMode"), mode, ["Block", "Filesystem"]) }
    dataSources(spec, path)
  }

  private mutating func dataSources(_ spec: JSON, _ path: Path) {
    let source = spec["dataSource"]
    let reference = spec["dataSourceRef"]
    if let source { dataSource(source, path.child("dataSource")) }
    guard let reference else { return }
    dataSource(reference, path.child("dataSourceRef"))
    let namespace = reference.text("namespace")
    if !namespace.isEmpty {
      invalid(path.child("dataSourceRef").child("namespace"), namespace, messages: Names.label(namespace))
    }
    guard let source else { return }
    let shown = JSON.string(path.child("dataSource").description)
    if !namespace.isEmpty {
      invalid(path, shown, "may not be specified when dataSourceRef.namespace is specified")
    } else if ["apiGroup", "kind", "name"].contains(where: { source[$0] != reference[$0] }) {
      invalid(path, shown, "must match dataSourceRef")
    }
  }

  private mutating func dataSource(_ source: JSON, _ path: Path) {
    for field in ["name", "kind"] where source.text(field).isEmpty { required(path.child(field)) }
    let group = source.text("apiGroup")
    if !group.isEmpty {
      invalid(path.child("apiGroup"), group, messages: Names.subdomain(group))
    } else if source.text("kind") != "PersistentVolumeClaim" {
      invalid(
        path, .string(source.text("kind")), "must be 'PersistentVolumeClaim' when referencing the default apiGroup")
    }
  }
}
