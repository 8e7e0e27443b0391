/// How much of the past the store keeps. What goes beyond any of the limits is forgotten, oldest first.
public struct HistoryLimits: Sendable {
  /// How long a change can be asked for.
  public var age: Duration = .seconds(300)
  /// The bytes of superseded states in the journal.
  public var bytes = 256 << 20
  /// The number of changes (24 bytes of memory each).
  public var changes = 500_000
  /// The latest changes, which are kept in memory so that a watch resumes without reading the journal.
  public var recentChanges = 10_000
  /// The bytes of superseded states that those may hold in memory.
  public var recentBytes = 32 << 20

  public init() {}
}
