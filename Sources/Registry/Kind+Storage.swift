import JSONCore
import Objects
import Schemas
import Synchronization

extension Kind {
  /// Where the objects of the kind are kept: events have one store for both of their groups.
  var storedResource: GroupResource { resource == .eventsOfEvents ? .events : resource }

  /// Whether objects are stored in this version.
  public var isStored: Bool {
    switch resource {
    case .eventsOfEvents: false
    case .autoscalers: version == "v2"
    default: true
    }
  }

  /// What the status of a new object is: empty, but for the fields that are always shown.
  var emptyStatus: JSON? {
    EmptyStatuses.cache.withLock { cache in
      if let known = cache[ObjectIdentifier(self)] { return known }
      var empty: JSON = [:]
      applyDefaults(&empty)
      let status = empty["status"]
      if !isCustom { cache[ObjectIdentifier(self)] = .some(status) }
      return status
    }
  }
}

private enum EmptyStatuses {
  static let cache = Mutex<[ObjectIdentifier: JSON?]>([:])
}

extension GroupResource {
  static let events = GroupResource("", "events")
  static let eventsOfEvents = GroupResource("events.k8s.io", "events")
  static let autoscalers = GroupResource("autoscaling", "horizontalpodautoscalers")
  static let namespaces = GroupResource("", "namespaces")
  static let pods = GroupResource("", "pods")
  static let nodes = GroupResource("", "nodes")
  static let services = GroupResource("", "services")
  static let secrets = GroupResource("", "secrets")
  static let serviceAccounts = GroupResource("", "serviceaccounts")
  static let addresses = GroupResource("networking.k8s.io", "ipaddresses")
  static let serviceRanges = GroupResource("networking.k8s.io", "servicecidrs")
  static let quotas = GroupResource("", "resourcequotas")
  static let limitRanges = GroupResource("", "limitranges")
  static let claims = GroupResource("", "persistentvolumeclaims")
  static let volumes = GroupResource("", "persistentvolumes")
  static let jobs = GroupResource("batch", "jobs")
  static let leases = GroupResource("coordination.k8s.io", "leases")
  static let csiNodes = GroupResource("storage.k8s.io", "csinodes")
  static let resourceSlices = GroupResource("resource.k8s.io", "resourceslices")
  static let signingRequests = GroupResource("certificates.k8s.io", "certificatesigningrequests")
  static let budgets = GroupResource("policy", "poddisruptionbudgets")
  static let priorityClasses = GroupResource("scheduling.k8s.io", "priorityclasses")
  static let storageClasses = GroupResource("storage.k8s.io", "storageclasses")
  static let ingresses = GroupResource("networking.k8s.io", "ingresses")
  static let ingressClasses = GroupResource("networking.k8s.io", "ingressclasses")
  static let runtimeClasses = GroupResource("node.k8s.io", "runtimeclasses")
  static let roles = GroupResource("rbac.authorization.k8s.io", "roles")
  static let clusterRoles = GroupResource("rbac.authorization.k8s.io", "clusterroles")
  static let roleBindings = GroupResource("rbac.authorization.k8s.io", "rolebindings")
  static let definitions = GroupResource("apiextensions.k8s.io", "customresourcedefinitions")
  static let clusterRoleBindings = GroupResource("rbac.authorization.k8s.io", "clusterrolebindings")
}
