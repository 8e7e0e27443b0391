import JSONCore
import Objects
import Registry
import Synchronization
import Values

/// Tokens that are kept in secrets: the day of their last use is noted, for those that nobody uses are removed some day.
final class SecretTokens: Sendable {
  private static let lastUsed = "kubernetes.io/legacy-token-last-used"
  private static let invalidSince = "kubernetes.io/legacy-token-invalid-since"

  private struct Noted {
    var day = ""
    var uids: Set<String> = []
  }

  private let cluster: Cluster
  /// What has been noted today, whether or not the secret shows it yet.
  private let noted = Mutex(Noted())

  init(_ cluster: Cluster) { self.cluster = cluster }

  /// Whether a token may still be used; one that is kept in no secret always may.
  func admits(_ identity: TokenIdentity) -> Bool {
    guard let reference = identity.secret else { return true }
    let key = Key(GroupResource("", "secrets"), namespace: identity.namespace, name: reference.name)
    guard let secret = cluster.snapshot[key] else { return false }
    if secret.labels[Self.invalidSince]?.isEmpty == false { return false }
    let day = String(cluster.now.rfc3339.prefix(10))
    if secret.labels[Self.lastUsed] != day { note(secret, day) }
    return true
  }

  private func note(_ secret: Object, _ day: String) {
    let isNews = noted.withLock { noted in
      if noted.day != day { noted = Noted(day: day) }
      return noted.uids.insert(secret.uid).inserted
    }
    if !isNews { return }
    let patch: JSON = ["metadata": ["uid": .string(secret.uid), "labels": [Self.lastUsed: .string(day)]]]
    cluster.clock.pool.spawn { [cluster] in
      do {
        _ = try await cluster.patch(
          cluster.storedKind(secret.key.resource), namespace: secret.key.namespace, name: secret.key.name,
          subresource: nil, Patch(.merge, patch),
          WriteOptions(caller: .system("apiserver"), fieldManager: "kube-apiserver"))
      } catch {
        // The next use of the day notes it.
        self.noted.withLock { _ = $0.uids.remove(secret.uid) }
      }
    }
  }
}
