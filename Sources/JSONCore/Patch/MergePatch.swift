extension JSON {
  /// The document after a merge patch (RFC 7386): null removes a member, an object merges, anything else replaces.
  public func merging(_ patch: JSON) -> JSON {
    var result = self
    result.merge(patch)
    return result
  }

  private mutating func merge(_ patch: JSON) {
    guard case .object(let changes) = patch else {
      self = patch
      return
    }
    if object == nil { self = .emptyObject }
    for (key, change) in changes {
      switch change {
      case .null: self[key] = nil
      case .object: self[key, default: .emptyObject].merge(change)
      default: self[key] = change
      }
    }
  }

  /// The JSON merge patch that makes `new` of `old`; nil when they are equal.
  public static func mergeDifference(from old: JSON, to new: JSON) -> JSON? {
    if old == new { return nil }
    guard let before = old.object, let after = new.object else { return new }
    var patch = Members()
    for (key, _) in before where after[key] == nil { patch[key] = .null }
    for (key, value) in after {
      guard let former = before[key] else {
        patch[key] = value
        continue
      }
      if let difference = mergeDifference(from: former, to: value) { patch[key] = difference }
    }
    return .object(patch)
  }
}
