import JSONCore
import Objects
import Reconciling
import Values

/// Removes the token secrets that clusters of long ago made for every service account, when nobody has used them for a year:
/// they are declared invalid first, and go after another year.
public struct LegacyTokenCleaner: Controller {
  public let name = "legacy-serviceaccount-token-cleaner-controller"

  /// How long a token must have been unused.
  private static let patience = Duration.seconds(365 * 86_400)
  private static let interval = Duration.seconds(86_400)
  /// `since` of this ConfigMap says from which day on the uses of tokens are noted.
  static let tracking = Key(
    .configMaps, namespace: "kube-system", name: "kube-apiserver-legacy-service-account-token-tracking")
  private static let lastUsed = "kubernetes.io/legacy-token-last-used"
  private static let invalidSince = "kubernetes.io/legacy-token-invalid-since"

  public init() {}

  /// From its first look on it calls itself.
  public var watches: [Watch] {
    [
      Watch(.namespaces) { change, _ in
        change.object.name == Self.tracking.namespace && change.kind == .added ? [Self.tracking] : []
      },
      Watch(.configMaps) { change, _ in change.object.key == Self.tracking ? [Self.tracking] : [] },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let tracking = snapshot[key] else {
      if snapshot[Key(.namespaces, name: key.namespace)] == nil { return .nothing }
      let metadata: JSON = ["name": .string(key.name), "namespace": .string(key.namespace)]
      return Plan([
        .create(
          .configMaps,
          ["apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": ["since": .string(Self.day(now))]])
      ])
    }
    guard let since = Self.start(of: tracking.json["data"]?.text("since") ?? "") else { return .nothing }
    var plan = Plan([], requeueAfter: Self.interval)
    // The first day is not a whole one.
    if now < since + Self.interval + Self.patience { return plan }
    let limit = now - Self.patience
    for secret in snapshot.objects(.secrets) where Self.isToken(secret) {
      plan.then(Self.action(secret, secret.json, limit, snapshot, now))
    }
    return plan
  }

  private static func isToken(_ secret: Object) -> Bool {
    RawJSON(secret.blob.bytes).member("type")?.isString("kubernetes.io/service-account-token") == true
  }

  /// What is due for a token; nil for one that is in use, or of which that cannot be told.
  private static func action(
    _ secret: Object, _ json: JSON, _ limit: Instant, _ snapshot: Snapshot, _ now: Instant
  ) -> Action? {
    let created = Instant(rfc3339: json["metadata"]?.text("creationTimestamp") ?? "") ?? now
    if created >= limit || json.isBeingDeleted { return nil }
    if let used = secret.labels[lastUsed] {
      guard start(of: used) != nil, used < day(limit) else { return nil }
    }
    guard isGenerated(secret, json, snapshot), !isNamedByPod(secret, snapshot) else { return nil }
    let invalid = secret.labels[invalidSince] ?? ""
    if start(of: invalid) == nil {
      return .patch(
        secret.key, ["metadata": ["uid": .string(secret.uid), "labels": [invalidSince: .string(day(now))]]])
    }
    if invalid >= day(limit) { return nil }
    return .delete(secret.key, Deletion(uid: secret.uid, revision: secret.revision))
  }

  /// It was made without anybody asking: its account names it.
  private static func isGenerated(_ secret: Object, _ json: JSON, _ snapshot: Snapshot) -> Bool {
    let name = json.annotation("kubernetes.io/service-account.name") ?? ""
    let uid = json.annotation("kubernetes.io/service-account.uid") ?? ""
    guard let account = snapshot[Key(.serviceAccounts, namespace: secret.namespace, name: name)],
      uid.isEmpty || uid == account.uid
    else { return false }
    return account.json.list("secrets").contains { $0.text("name") == secret.name }
  }

  private static func isNamedByPod(_ secret: Object, _ snapshot: Snapshot) -> Bool {
    snapshot.objects(.pods, namespace: secret.namespace).contains { secretNames($0.json).contains(secret.name) }
  }

  /// The secrets that a pod reads: as files, in its environment, to pull its images.
  private static func secretNames(_ pod: JSON) -> Set<String> {
    let spec = pod["spec"] ?? .emptyObject
    var names = Set(spec.list("imagePullSecrets").map { $0.text("name") })
    for volume in spec.list("volumes") {
      names.insert(volume["secret"]?.text("secretName") ?? "")
      for source in volume["projected"]?.list("sources") ?? [] { names.insert(source["secret"]?.text("name") ?? "") }
    }
    for container in ["initContainers", "containers", "ephemeralContainers"].flatMap(spec.list) {
      for source in container.list("envFrom") { names.insert(source["secretRef"]?.text("name") ?? "") }
      for variable in container.list("env") {
        names.insert(variable.at("valueFrom", "secretKeyRef")?.text("name") ?? "")
      }
    }
    return names
  }

  /// `2026-01-31`: days compare as text.
  private static func day(_ time: Instant) -> String { String(time.rfc3339.prefix(10)) }

  private static func start(of day: String) -> Instant? {
    day.utf8.count == 10 ? Instant(rfc3339: day + "T00:00:00Z") : nil
  }
}
