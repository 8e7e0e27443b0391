import Objects
import Synchronization
import Values

/// One event for watchers: all watches of a filter share it, and what it was encoded to.
public final class WatchEvent: Sendable {
  public enum Kind: Sendable {
    case added, modified, deleted
    /// Says how far the watch has come; it has no object.
    case bookmark
    /// The bookmark behind the initial state.
    case initialEventsEnd
  }

  public let kind: Kind
  /// nil for the bookmarks.
  public let object: Object?
  public let revision: Int64
  /// What encoders made of it, by their number. Few: an event has one or two encodings.
  private let encodings = Mutex<[(encoder: Int, blob: Blob)]>([])

  public init(_ kind: Kind, _ object: Object) {
    self.kind = kind
    self.object = object
    self.revision = object.revision
  }

  /// A bookmark of either kind.
  public init(_ kind: Kind, revision: Int64) {
    self.kind = kind
    self.object = nil
    self.revision = revision
  }

  /// The bytes that encoder `number` makes of the event; made once and kept for the other watches.
  public func encoding(_ number: Int, make: () -> Blob) -> Blob {
    if let blob = encodings.withLock({ $0.first { $0.encoder == number }?.blob }) { return blob }
    let blob = make()
    encodings.withLock { $0.append((number, blob)) }
    return blob
  }
}
