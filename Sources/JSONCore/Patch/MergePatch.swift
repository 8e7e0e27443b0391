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
}
