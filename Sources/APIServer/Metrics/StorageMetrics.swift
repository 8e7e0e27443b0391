import Registry

/// What is stored, by resource.
struct StorageMetrics: Sendable {
  let cluster: Cluster

  func write(to text: inout MetricsText) {
    let snapshot = cluster.snapshot
    text.family("apiserver_storage_objects", .gauge, "Objects by resource.")
    for resource in snapshot.resources {
      text.sample("apiserver_storage_objects", [("resource", "\(resource)")], snapshot.count(resource))
    }
    text.family("apiserver_resource_objects", .gauge, "Objects by group and resource.")
    for resource in snapshot.resources {
      let labels = [(name: "group", value: resource.group), (name: "resource", value: resource.resource)]
      text.sample("apiserver_resource_objects", labels, snapshot.count(resource))
    }
    text.single("swiftlet_store_revision", .gauge, "The cluster's resourceVersion.", Int(snapshot.revision))
    text.single("swiftlet_store_commits_total", .counter, "Transactions of the store.", cluster.store.commitCount)
  }
}
