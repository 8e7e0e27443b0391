import Registry
import Schemas
import Synchronization

/// What follows from the catalog: the way from a path to a kind, discovery, and the documents that describe the API. It is
/// made anew when definitions of custom resources come, change or go.
final class ServedKinds: Sendable {
  let catalog: Catalog
  let table: KindTable
  let discovery: Discovery
  let openAPI: OpenAPI
  let documents: Documents

  /// - Parameter before: what is still true of it is kept.
  init(_ catalog: Catalog, version: String, before: ServedKinds? = nil) {
    self.catalog = catalog
    table = KindTable(catalog.kinds)
    discovery = Discovery(catalog)
    openAPI = OpenAPI(catalog, version: version)
    let custom = Set(catalog.kinds.filter(\.isCustom).map { "apis/" + $0.apiVersion })
    let known = Set(openAPI.v3Paths)
    documents = Documents(keeping: before?.documents) { known.contains($0) && !custom.contains($0) }
  }
}

/// The kinds that are served now.
final class PresentKinds: Sendable {
  private let cluster: Cluster
  private let version: String
  private let latest: Mutex<ServedKinds>

  init(_ cluster: Cluster, version: String) {
    self.cluster = cluster
    self.version = version
    latest = Mutex(ServedKinds(cluster.catalog, version: version))
  }

  var now: ServedKinds {
    let catalog = cluster.catalog
    return latest.withLock { latest in
      if latest.catalog !== catalog { latest = ServedKinds(catalog, version: version, before: latest) }
      return latest
    }
  }
}
