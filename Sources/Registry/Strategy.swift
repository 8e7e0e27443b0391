import Objects
import Schemas

/// How the verbs treat a kind, where kinds differ: the facts, as data.
/// Source: the behaviour of the Kubernetes 1.36 API server.
struct Strategy: Sendable {
  enum Generation: Sendable {
    /// The kind has no `metadata.generation`.
    case none
    /// 1 at creation, one more with each change beyond metadata and status.
    case counted
    /// As `counted`, but left out until the first change.
    case countedFromChange
    /// 1 for ever.
    case constant
    /// As `counted`; changes of annotations count as well.
    case countedWithAnnotations
  }

  var generation = Generation.none
  /// A PUT to a missing name creates.
  var createsOnUpdate = false
  /// A PUT without a resourceVersion overwrites; otherwise it is a 422.
  var updatesUnconditionally = true
  /// What a deletion without a policy means for dependents.
  var orphansByDefault = false
  /// A deletion answers with the object rather than a Status.
  var showsDeleted = false
  /// A status write keeps the stored labels.
  var keepsLabelsOnStatus = false
  /// A new object may bring its status.
  var keepsStatusOnCreate = false
  /// Behaviour that the schema cannot express.
  var rule: (any KindRule.Type)?
}

extension Strategy {
  /// - Returns: the default strategy for kinds that the table does not name.
  static func of(_ kind: Kind) -> Strategy {
    if kind.isCustom { return custom }
    return table[kind.resource] ?? Strategy()
  }

  private static let custom = Strategy(
    generation: .counted, updatesUnconditionally: false, rule: CustomResourceRule.self)

  private static let table: [GroupResource: Strategy] = {
    var result: [GroupResource: Strategy] = [:]
    for rows in [core, workloads, other] {
      for (name, strategy) in rows {
        let parts = name.split(separator: ".", maxSplits: 1)
        result[GroupResource(parts.count > 1 ? String(parts[1]) : "", String(parts[0]))] = strategy
      }
    }
    return result
  }()

  private static let core: [String: Strategy] = [
    "pods": Strategy(generation: .counted, showsDeleted: true, rule: PodRule.self),
    "services": Strategy(createsOnUpdate: true, showsDeleted: true, rule: ServiceRule.self),
    "serviceaccounts": Strategy(showsDeleted: true),
    "namespaces": Strategy(showsDeleted: true, rule: NamespaceRule.self),
    "nodes": Strategy(keepsStatusOnCreate: true, rule: NodeRule.self),
    "persistentvolumes": Strategy(showsDeleted: true, rule: PersistentVolumeRule.self),
    "persistentvolumeclaims": Strategy(showsDeleted: true, rule: PersistentVolumeClaimRule.self),
    "resourcequotas": Strategy(showsDeleted: true),
    "podtemplates": Strategy(generation: .counted, showsDeleted: true),
    "replicationcontrollers": Strategy(
      generation: .counted, orphansByDefault: true, rule: ReplicationControllerRule.self),
    "secrets": Strategy(rule: SecretRule.self),
    "endpoints": Strategy(createsOnUpdate: true),
    "events": Strategy(createsOnUpdate: true),
    "limitranges": Strategy(createsOnUpdate: true),
  ]

  private static let workloads: [String: Strategy] = [
    "deployments.apps": Strategy(generation: .countedWithAnnotations, keepsLabelsOnStatus: true),
    "replicasets.apps": Strategy(generation: .counted),
    "statefulsets.apps": Strategy(generation: .counted),
    "daemonsets.apps": Strategy(generation: .counted, rule: DaemonSetRule.self),
    "jobs.batch": Strategy(generation: .counted, orphansByDefault: true, rule: JobRule.self),
    "cronjobs.batch": Strategy(generation: .counted),
  ]

  private static let other: [String: Strategy] = [
    "ingresses.networking.k8s.io": Strategy(generation: .counted),
    "ingressclasses.networking.k8s.io": Strategy(generation: .counted),
    "networkpolicies.networking.k8s.io": Strategy(generation: .counted),
    "endpointslices.discovery.k8s.io": Strategy(generation: .counted),
    "poddisruptionbudgets.policy": Strategy(generation: .counted, updatesUnconditionally: false),
    "flowschemas.flowcontrol.apiserver.k8s.io": Strategy(generation: .counted),
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": Strategy(generation: .counted),
    "priorityclasses.scheduling.k8s.io": Strategy(generation: .constant),
    "roles.rbac.authorization.k8s.io": Strategy(createsOnUpdate: true, rule: RoleRule.self),
    "clusterroles.rbac.authorization.k8s.io": Strategy(createsOnUpdate: true, rule: RoleRule.self),
    "rolebindings.rbac.authorization.k8s.io": Strategy(createsOnUpdate: true, rule: RoleBindingRule.self),
    "clusterrolebindings.rbac.authorization.k8s.io": Strategy(createsOnUpdate: true, rule: RoleBindingRule.self),
    "events.events.k8s.io": Strategy(createsOnUpdate: true),
    "leases.coordination.k8s.io": Strategy(createsOnUpdate: true, updatesUnconditionally: false),
    "runtimeclasses.node.k8s.io": Strategy(createsOnUpdate: true, updatesUnconditionally: false),
    "storageclasses.storage.k8s.io": Strategy(showsDeleted: true),
    "csidrivers.storage.k8s.io": Strategy(
      generation: .countedFromChange, updatesUnconditionally: false, showsDeleted: true),
    "csinodes.storage.k8s.io": Strategy(updatesUnconditionally: false, showsDeleted: true),
    "csistoragecapacities.storage.k8s.io": Strategy(updatesUnconditionally: false),
    "volumeattachments.storage.k8s.io": Strategy(updatesUnconditionally: false, showsDeleted: true),
    "volumeattributesclasses.storage.k8s.io": Strategy(showsDeleted: true),
    "resourceclaims.resource.k8s.io": Strategy(showsDeleted: true),
    "resourceclaimtemplates.resource.k8s.io": Strategy(showsDeleted: true),
    "resourceslices.resource.k8s.io": Strategy(generation: .counted, showsDeleted: true),
    "deviceclasses.resource.k8s.io": Strategy(generation: .counted, showsDeleted: true),
    "certificatesigningrequests.certificates.k8s.io": Strategy(rule: CertificateSigningRequestRule.self),
    "customresourcedefinitions.apiextensions.k8s.io": Strategy(
      generation: .counted, updatesUnconditionally: false, rule: DefinitionRule.self),
    "apiservices.apiregistration.k8s.io": Strategy(updatesUnconditionally: false),
    "validatingwebhookconfigurations.admissionregistration.k8s.io": Strategy(
      generation: .counted, updatesUnconditionally: false),
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": Strategy(
      generation: .counted, updatesUnconditionally: false),
    "validatingadmissionpolicies.admissionregistration.k8s.io": Strategy(
      generation: .counted, updatesUnconditionally: false),
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": Strategy(
      generation: .counted, updatesUnconditionally: false),
    "mutatingadmissionpolicies.admissionregistration.k8s.io": Strategy(
      generation: .counted, updatesUnconditionally: false),
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io": Strategy(
      generation: .counted, updatesUnconditionally: false),
  ]
}
