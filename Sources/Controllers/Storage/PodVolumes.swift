import Objects
import Reconciling

/// Which claims the volumes of a pod stand for.
enum PodVolumes {
  /// The names of the claims, those of ephemeral volumes included.
  static func claims(of pod: Object) -> [String] { PodFacts(pod).claimNames }

  static func ephemeralClaim(of pod: String, volume: String) -> String {
    PodFacts.ephemeralClaim(of: pod, volume: volume)
  }

  static func pods(using claim: Object, _ snapshot: Snapshot) -> [Object] {
    snapshot.objects(.pods, namespace: claim.namespace).filter { claims(of: $0).contains(claim.name) }
  }

  /// For watches: the claims of a pod that came, went, was placed or ended.
  static func claimKeys(_ change: Change, _ snapshot: Snapshot) -> [Key] {
    if change.kind == .modified, let previous = change.previous {
      let (before, after) = (PodFacts(previous), PodFacts(change.object))
      if before.nodeName == after.nodeName, before.phase == after.phase { return [] }
    }
    return claims(of: change.object).map {
      Key(.persistentVolumeClaims, namespace: change.object.namespace, name: $0)
    }
  }
}
