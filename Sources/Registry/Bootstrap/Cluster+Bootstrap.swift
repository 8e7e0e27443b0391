import JSONCore
import Objects
import Schemas
import Storage

extension Cluster {
  /// Makes what a cluster has from its start, where it is missing, in one transaction: namespaces, roles and bindings,
  /// priority classes, flow control, the `kubernetes` service. Does nothing that is already done.
  public func bootstrap() async throws(Status) {
    let present = snapshot
    var writes: [Write] = []
    var configuration = configuration
    // Somebody else's Service had the name server's address before there was one.
    let holder = present[Key(.addresses, name: Bootstrap.nameServerAddress(configuration))]
    if let holder, holder.json.at("spec", "parentRef", "name")?.string != "kube-dns" {
      configuration.hasNameServer = false
    }
    for json in try Bootstrap.objects(configuration, now: now) {
      let kind = try kind(of: json)
      let key = key(kind, json["metadata"]?.text("namespace") ?? "", json.name)
      if let stored = present[key] {
        if let update = Bootstrap.refreshed(stored, json) {
          writes.append(Write(key, .update(update, expected: stored.revision)))
        }
        continue
      }
      writes.append(Write(key, .create(try beginning(json, kind))))
    }
    for (write, result) in zip(writes, await store.commit(writes)) {
      do throws(StoreError) { _ = try result.get() } catch { throw Status(error, write.key.resource, write.key.name) }
    }
  }

  private func kind(of json: JSON) throws(Status) -> Kind {
    let parts = json.text("apiVersion").split(separator: "/").map(String.init)
    let group = parts.count > 1 ? parts[0] : ""
    guard let version = parts.last, let kind = catalog.kind(group: group, version: version, kind: json.text("kind"))
    else {
      throw .internalError("no kind \(json.text("apiVersion")) \(json.text("kind"))")
    }
    return kind
  }

  private func beginning(_ json: JSON, _ kind: Kind) throws(Status) -> JSON {
    var unknown: [String] = []
    var object: JSON
    do {
      object = try kind.decode(json, unknown: &unknown)
    } catch {
      throw .internalError("bootstrap \(kind.name) \(json.name): \(error)")
    }
    assert(unknown.isEmpty, "bootstrap \(kind.name) \(json.name) has unknown fields: \(unknown)")
    object["metadata", default: .emptyObject].edit { metadata in
      metadata["uid"] = .string(names.uid())
      metadata["creationTimestamp"] = .string(now.rfc3339)
      switch Strategy.of(kind).generation {
      case .none, .countedFromChange: break
      default: metadata["generation"] = 1
      }
    }
    return object
  }
}
