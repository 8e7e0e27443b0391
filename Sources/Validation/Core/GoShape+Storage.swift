/// The kinds of storage of a volume, in the order of the Go struct.
extension GoShape {
  private static let secret = Field(
    "secretRef", .pointer(.structure([Field("name", .string), Field("namespace", .string)])))
  private static let fileSystem = Field("fsType", .string, as: "FSType")
  private static let readOnly = Field("readOnly", .flag)

  static let persistentVolumeSource = GoShape.structure([
    disk("gcePersistentDisk", "GCEPersistentDisk", Field("pdName", .string, as: "PDName")),
    disk("awsElasticBlockStore", "AWSElasticBlockStore", Field("volumeID", .string)),
    Field("hostPath", .pointer(.structure([Field("path", .string), Field("type")]))),
    Field(
      "glusterfs",
      .pointer(
        .structure([
          Field("endpoints", .string, as: "EndpointsName"), Field("path", .string), readOnly,
          Field("endpointsNamespace"),
        ]))),
    Field("nfs", .pointer(.structure([Field("server", .string), Field("path", .string), readOnly])), as: "NFS"),
    Field("rbd", as: "RBD"), Field("quobyte"), Field("iscsi", as: "ISCSI"), Field("flexVolume"), Field("cinder"),
    Field("cephfs", as: "CephFS"), Field("fc", as: "FC"), Field("flocker"), Field("azureFile"),
    Field("vsphereVolume"), Field("azureDisk"), Field("photonPersistentDisk"), Field("portworxVolume"),
    Field("scaleIO"), Field("local", .pointer(.structure([Field("path", .string), Field("fsType", as: "FSType")]))),
    Field("storageos", as: "StorageOS"), Field("csi", .pointer(csi), as: "CSI"),
  ])

  private static func disk(_ name: String, _ goName: String, _ identity: Field) -> Field {
    Field(name, .pointer(.structure([identity, fileSystem, Field("partition", .number), readOnly])), as: goName)
  }

  private static let csi = GoShape.structure(
    [
      Field("driver", .string), Field("volumeHandle", .string), readOnly, fileSystem, Field("volumeAttributes"),
    ]
      + [
        "controllerPublishSecretRef", "nodeStageSecretRef", "nodePublishSecretRef", "controllerExpandSecretRef",
        "nodeExpandSecretRef",
      ].map { Field($0, secret.shape) })
}
