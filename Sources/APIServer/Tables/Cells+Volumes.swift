import JSONCore

extension Cells {
  static let volumes: [String: Cell] = [
    "volumeStatus": { row in row.isBeingDeleted ? "Terminating" : JSON(row.status.text("phase")) },
    "claimStatus": { row in row.isBeingDeleted ? "Terminating" : JSON(row.status.text("phase")) },
    "volumeAccessModes": { row in accessModes(row.spec) },
    "volumeClaim": { row in
      guard let claim = row.spec["claimRef"] else { return "" }
      return JSON("\(claim.text("namespace"))/\(claim.text("name"))")
    },
    "claimCapacity": { row in
      row.spec.text("volumeName").isEmpty ? "" : row.status.at("capacity", "storage") ?? "0"
    },
    "claimAccessModes": { row in row.spec.text("volumeName").isEmpty ? "" : accessModes(row.status) },
    "volumeClass": { row in
      // The annotation of old goes before the field, the empty one too.
      row.metadata["annotations"]?["volume.beta.kubernetes.io/storage-class"] ?? row.spec["storageClassName"] ?? ""
    },
    "storageClassName": { row in
      let annotations = row.metadata.strings("annotations")
      let isDefault = [
        "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class",
      ]
      .contains { annotations[$0] == "true" }
      return JSON(row.metadata.text("name") + (isDefault ? " (default)" : ""))
    },
    "attachedVolume": { row in JSON(row.spec.at("source", "persistentVolumeName")?.string ?? "") },
    "tokenRequests": { row in
      row.spec["tokenRequests"]?.array == nil ? "<unset>" : joined(row.spec.list("tokenRequests"), "audience")
    },
    "lifecycleModes": { row in
      let modes = row.spec.list("volumeLifecycleModes").compactMap(\.string)
      return modes.isEmpty ? "<none>" : JSON(modes.joined(separator: ","))
    },
  ]

  /// The short names of access modes, in their fixed order.
  private static func accessModes(_ json: JSON) -> JSON {
    let modes = Set(json.list("accessModes").compactMap(\.string))
    let names = [
      ("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP"),
    ]
    return JSON(names.filter { modes.contains($0.0) }.map(\.1).joined(separator: ","))
  }
}
