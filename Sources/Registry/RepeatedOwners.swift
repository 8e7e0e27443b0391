import JSONCore
import Objects

/// Owner references that stand twice are taken for one.
enum RepeatedOwners {
  /// Drops them.
  /// - Returns: a warning when there was something to drop.
  static func drop(_ object: inout JSON) -> [String] {
    guard let owners = object["metadata"]?["ownerReferences"]?.array, owners.count > 1 else { return [] }
    var kept: [JSON] = []
    var repeated: [String] = []
    for owner in owners {
      if kept.contains(owner) { repeated.append(owner.text("uid")) } else { kept.append(owner) }
    }
    if repeated.isEmpty { return [] }
    object["metadata"]?["ownerReferences"] = .array(kept)
    return [
      ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such "
        + "requests as early as 1.24; please fix your requests; duplicate UID(s) observed: \(repeated.joined(separator: ", "))"
    ]
  }
}
