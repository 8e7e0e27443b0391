import CResources
import JSONCore
import Objects
import Values

/// The objects that a cluster has from its start: those that are the same everywhere out of files, the others from the
/// configuration.
enum Bootstrap {
  static func objects(_ configuration: ClusterConfiguration, now: Instant) throws(Status) -> [JSON] {
    var result: [JSON] = []
    var count = 0
    let files = embeddedBootstrap(&count)
    for file in UnsafeBufferPointer(start: files, count: count) {
      do {
        result += try JSON.parse(UnsafeBufferPointer(start: file.bytes, count: file.length)).array ?? []
      } catch {
        throw .internalError("bootstrap file \(String(cString: file.name)): \(error)")
      }
    }
    if configuration.hasMetrics { result.append(metrics) }
    for index in result.indices { complete(&result[index], now: now) }
    return result + own(configuration, now: now)
  }

  /// By this others find out whether there are metrics; a Service stands behind it elsewhere.
  private static let metrics: JSON = [
    "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": ["name": "v1beta1.metrics.k8s.io"],
    "spec": ["group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100],
  ]

  /// What depends on the moment: the status of namespaces and API services.
  private static func complete(_ object: inout JSON, now: Instant) {
    switch object.text("kind") {
    case "Namespace": object["status"] = ["phase": "Active"]
    case "APIService":
      object["status"] = [
        "conditions": [
          [
            "type": "Available", "status": "True", "lastTransitionTime": .string(now.rfc3339), "reason": "Local",
            "message": "Local APIServices are always available",
          ]
        ]
      ]
    default: break
    }
  }

  private static func own(_ configuration: ClusterConfiguration, now: Instant) -> [JSON] {
    let address = configuration.serviceRange.first
    var result = [
      serviceRange(configuration, now), service(configuration, address), endpoints(configuration),
      endpointSlice(configuration), serviceAddress(address),
    ]
    if !configuration.authority.isEmpty { result.append(authentication(configuration)) }
    if configuration.hasStorageClass { result.append(storageClass) }
    if configuration.hasNameServer { result += nameServer(configuration) }
    return result
  }

  /// As small clusters for learning have it: volumes are directories of the node where their first pod runs.
  private static let storageClass: JSON = [
    "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
    "metadata": [
      "name": "standard", "annotations": ["storageclass.kubernetes.io/is-default-class": "true"],
    ],
    "provisioner": "swiftlet.dev/simulated", "reclaimPolicy": "Delete", "allowVolumeExpansion": true,
    "volumeBindingMode": "WaitForFirstConsumer",
  ]

  private static func serviceRange(_ configuration: ClusterConfiguration, _ now: Instant) -> JSON {
    [
      "apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR",
      "metadata": ["name": "kubernetes", "finalizers": ["networking.k8s.io/service-cidr-finalizer"]],
      "spec": ["cidrs": [.string(configuration.serviceRange.description)]],
      "status": [
        "conditions": [
          [
            "type": "Ready", "status": "True", "reason": "", "message": "Kubernetes Service CIDR is ready",
            "lastTransitionTime": .string(now.rfc3339),
          ]
        ]
      ],
    ]
  }

  private static func service(_ configuration: ClusterConfiguration, _ address: String) -> JSON {
    [
      "apiVersion": "v1", "kind": "Service",
      "metadata": [
        "name": "kubernetes", "namespace": "default", "labels": ["component": "apiserver", "provider": "kubernetes"],
      ],
      "spec": [
        "type": "ClusterIP", "clusterIP": .string(address), "clusterIPs": [.string(address)], "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "ports": [
          ["name": "https", "port": 443, "protocol": "TCP", "targetPort": JSON(configuration.serverPort)]
        ],
      ],
    ]
  }

  private static func endpoints(_ configuration: ClusterConfiguration) -> JSON {
    [
      "apiVersion": "v1", "kind": "Endpoints",
      "metadata": [
        "name": "kubernetes", "namespace": "default", "labels": ["endpointslice.kubernetes.io/skip-mirror": "true"],
      ],
      "subsets": [
        [
          "addresses": [["ip": .string(configuration.serverAddress)]],
          "ports": [["name": "https", "port": JSON(configuration.serverPort), "protocol": "TCP"]],
        ]
      ],
    ]
  }

  private static func endpointSlice(_ configuration: ClusterConfiguration) -> JSON {
    [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
      "metadata": [
        "name": "kubernetes", "namespace": "default", "labels": ["kubernetes.io/service-name": "kubernetes"],
      ],
      "endpoints": [["addresses": [.string(configuration.serverAddress)], "conditions": ["ready": true]]],
      "ports": [["name": "https", "port": JSON(configuration.serverPort), "protocol": "TCP"]],
    ]
  }

  static func serviceAddress(
    _ address: String, of service: String = "kubernetes", in namespace: String = "default"
  ) -> JSON {
    [
      "apiVersion": "networking.k8s.io/v1", "kind": "IPAddress",
      "metadata": [
        "name": .string(address),
        "labels": [
          "ipaddress.kubernetes.io/ip-family": "IPv4", "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
        ],
      ],
      "spec": [
        "parentRef": ["resource": "services", "namespace": .string(namespace), "name": .string(service)]
      ],
    ]
  }

  /// Where extension API servers learn whom to trust.
  private static func authentication(_ configuration: ClusterConfiguration) -> JSON {
    [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": ["name": "extension-apiserver-authentication", "namespace": "kube-system"],
      "data": ["client-ca-file": .string(configuration.authority)],
    ]
  }

  /// The stored object with what the configuration says now; nil where nothing differs or nothing depends on it.
  static func refreshed(_ stored: Object, _ wanted: JSON) -> JSON? {
    let fields: [String]
    switch wanted.text("kind") {
    case "Endpoints": fields = ["subsets"]
    case "EndpointSlice": fields = ["endpoints", "ports"]
    default: return nil
    }
    var json = stored.json
    if fields.allSatisfy({ json[$0] == wanted[$0] }) { return nil }
    for field in fields { json[field] = wanted[field] }
    return json
  }
}
