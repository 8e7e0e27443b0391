import Synchronization

/// The cluster's key for tokens, made when it is first needed: to find one takes longer than all else at a cluster's start.
public final class TokenKey: Sendable {
  private let made: Mutex<SigningKey?>
  private let keep: @Sendable (_ pem: String) throws -> Void

  /// - Parameters:
  ///   - pem: the key of an earlier run, nil when none was needed yet.
  ///   - keep: called with a new key, before it is used.
  public init(pem: String? = nil, keep: @escaping @Sendable (_ pem: String) throws -> Void = { _ in }) throws {
    made = Mutex(try pem.map(SigningKey.init(pem:)))
    self.keep = keep
  }

  /// nil until it is needed: then there are no tokens of it either.
  var present: SigningKey? { made.withLock { $0 } }

  /// - Throws: when a new one cannot be kept.
  var needed: SigningKey {
    get throws {
      try made.withLock { key in
        if let key { return key }
        let new = try SigningKey.make()
        try keep(new.pem)
        key = new
        return new
      }
    }
  }

  /// What it signs, or will sign, with.
  var algorithm: String { present?.algorithm ?? "RS256" }
}
