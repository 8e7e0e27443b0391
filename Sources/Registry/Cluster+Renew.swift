import JSONCore
import Objects
import Storage
import Values

/// Heartbeats: by far the most frequent writes of a large cluster, and the least of changes.
extension Cluster {
  /// Renews the leases that their holders keep: sets `spec.renewTime` and the time of the manager's fields in the stored
  /// bytes, in one transaction. What admission, defaults and validation say of a lease was said when it was made.
  /// - Returns: the leases that have to be written in full: they are not there, or not as the holder left them.
  public func renew(_ leases: [Key], manager: String = "kubelet", at now: Instant) async -> [Key] {
    let snapshot = snapshot
    // Who extends admission of leases sees each of them.
    if extenders(storedKind(.leases), .update, snapshot) != nil { return leases }
    let (renewed, time) = (now.rfc3339Micro, now.rfc3339)
    var rest: [Key] = []
    var writes: [Write] = []
    for key in leases {
      if let object = snapshot[key], let draft = Self.renewal(object, manager, renewed, time) {
        writes.append(Write(key, .overwrite(draft, expected: object.revision)))
      } else {
        rest.append(key)
      }
    }
    for (write, result) in zip(writes, await store.commit(writes)) {
      // Somebody wrote to it meanwhile: what they left is to be looked at.
      if case .failure = result { rest.append(write.key) }
    }
    return rest
  }

  private static func renewal(_ lease: Object, _ manager: String, _ renewed: String, _ time: String) -> Draft? {
    let spec = lease.spec
    // Who holds another's name must take the lease back in full.
    guard spec?.member("holderIdentity")?.string == lease.name, let old = spec?.member("renewTime"),
      let metadata = lease.metadata,
      metadata.member("deletionTimestamp") == nil
    else { return nil }
    var edits = [(string: old, to: renewed)]
    metadata.member("managedFields")?.forEachElement { entry in
      if entry.member("manager")?.string == manager, let stamp = entry.member("time") { edits.append((stamp, time)) }
    }
    return Draft(of: lease, changing: edits)
  }
}
