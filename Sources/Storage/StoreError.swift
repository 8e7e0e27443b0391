import Objects

/// Why the store did not do what it was asked. Registry turns these into a `Status`.
public enum StoreError: Error, Sendable {
  /// A create met an object of that name: the stored one.
  case exists(Object)
  /// There is no object of that name.
  case missing
  /// The object is not in the state that the write was made from: the stored one.
  case conflict(Object)
  /// The revision is older than the history kept; `oldest` is the first that can be asked for.
  case compacted(oldest: Int64)
  /// The revision lies ahead of `current`.
  case future(current: Int64)
  /// The check that came with the write said no.
  case refused(Status)
  /// The journal failed, or the store is closed: nothing was written.
  case failed(String)
}
