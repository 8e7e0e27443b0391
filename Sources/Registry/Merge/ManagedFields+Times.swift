import JSONCore

extension ManagedFields {
  /// The new object, but with the old managedFields where nothing is new in it except their times: so a write that
  /// changes nothing stays one that stores nothing.
  public static func withoutTimeOnlyChange(old: JSON, new: JSON) -> JSON {
    let (before, after) = (ManagedFields(of: old), ManagedFields(of: new))
    guard before.entries.count == after.entries.count, before.timeless == after.timeless else { return new }
    var candidate = new
    candidate["metadata"]?["managedFields"] = old["metadata"]?["managedFields"]
    // Other changes would have new times for a reason.
    return candidate["metadata"]?.withoutVersion == old["metadata"]?.withoutVersion && candidate.hasSameContent(as: old)
      ? candidate : new
  }

  private var timeless: [Entry] {
    entries.map { entry in
      var entry = entry
      entry.time = nil
      return entry
    }.sorted { $0.identity < $1.identity }
  }
}

extension JSON {
  fileprivate var withoutVersion: JSON {
    var result = self
    result["resourceVersion"] = nil
    return result
  }

  fileprivate func hasSameContent(as other: JSON) -> Bool {
    guard let left = object, let right = other.object, left.count == right.count else { return false }
    return zip(left, right).allSatisfy { $0.key == $1.key && ($0.key == "metadata" || $0.value == $1.value) }
  }
}
