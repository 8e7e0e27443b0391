import JSONCore
import Objects

extension Bootstrap {
  /// The place of the name server in the range of services: the tenth address, as clusters usually have it.
  static func nameServerAddress(_ configuration: ClusterConfiguration) -> String { configuration.serviceRange[9] }

  /// CoreDNS as kubeadm sets it up: two pods behind the Service `kube-dns`, which pods have in their resolv.conf.
  static func nameServer(_ configuration: ClusterConfiguration) -> [JSON] {
    let address = nameServerAddress(configuration)
    return [
      account, role, binding, corefile, deployment, nameService(address),
      serviceAddress(address, of: "kube-dns", in: "kube-system"),
    ]
  }

  private static func metadata(_ name: String, isNamespaced: Bool = true) -> JSON {
    var metadata: JSON = ["name": .string(name)]
    if isNamespaced { metadata["namespace"] = "kube-system" }
    return metadata
  }

  private static let account: JSON = [
    "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata("coredns"),
  ]

  private static let role: JSON = [
    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
    "metadata": metadata("system:coredns", isNamespaced: false),
    "rules": [
      ["apiGroups": [""], "resources": ["endpoints", "services", "pods", "namespaces"], "verbs": ["list", "watch"]],
      ["apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]],
    ],
  ]

  private static let binding: JSON = [
    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
    "metadata": metadata("system:coredns", isNamespaced: false),
    "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:coredns"],
    "subjects": [["kind": "ServiceAccount", "name": "coredns", "namespace": "kube-system"]],
  ]

  private static let corefile: JSON = [
    "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata("coredns"),
    "data": [
      "Corefile": """
      .:53 {
          errors
          health
          ready
          kubernetes cluster.local in-addr.arpa ip6.arpa
          prometheus :9153
          forward . /etc/resolv.conf
          cache 30
          loop
          reload
          loadbalance
      }

      """
    ],
  ]

  private static func nameService(_ address: String) -> JSON {
    var metadata = metadata("kube-dns")
    metadata["labels"] = [
      "k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS",
    ]
    metadata["annotations"] = ["prometheus.io/port": "9153", "prometheus.io/scrape": "true"]
    func port(_ name: String, _ number: Int, _ protocol: String) -> JSON {
      ["name": .string(name), "port": JSON(number), "protocol": .string(`protocol`), "targetPort": JSON(number)]
    }
    return [
      "apiVersion": "v1", "kind": "Service", "metadata": metadata,
      "spec": [
        "type": "ClusterIP", "clusterIP": .string(address), "clusterIPs": [.string(address)], "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack", "selector": ["k8s-app": "kube-dns"],
        "ports": [port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", 9153, "TCP")],
      ],
    ]
  }

  private static var deployment: JSON {
    var metadata = metadata("coredns")
    metadata["labels"] = ["k8s-app": "kube-dns"]
    return [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
      "spec": [
        "replicas": 2, "selector": ["matchLabels": ["k8s-app": "kube-dns"]],
        "strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": 1]],
        "template": ["metadata": ["labels": ["k8s-app": "kube-dns"]], "spec": podSpec],
      ],
    ]
  }

  private static var podSpec: JSON {
    [
      "serviceAccountName": "coredns", "priorityClassName": "system-cluster-critical", "dnsPolicy": "Default",
      "nodeSelector": ["kubernetes.io/os": "linux"],
      "tolerations": [
        ["key": "CriticalAddonsOnly", "operator": "Exists"],
        ["key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"],
      ],
      "affinity": [
        "podAntiAffinity": [
          "preferredDuringSchedulingIgnoredDuringExecution": [
            [
              "weight": 100,
              "podAffinityTerm": [
                "labelSelector": ["matchLabels": ["k8s-app": "kube-dns"]], "topologyKey": "kubernetes.io/hostname",
              ],
            ]
          ]
        ]
      ],
      "containers": [container],
      "volumes": [
        [
          "name": "config-volume",
          "configMap": ["name": "coredns", "items": [["key": "Corefile", "path": "Corefile"]]],
        ]
      ],
    ]
  }

  private static var container: JSON {
    func port(_ name: String, _ number: Int, _ protocol: String = "TCP") -> JSON {
      ["name": .string(name), "containerPort": JSON(number), "protocol": .string(`protocol`)]
    }
    return [
      "name": "coredns", "image": "registry.k8s.io/coredns/coredns:v1.12.1", "imagePullPolicy": "IfNotPresent",
      "args": ["-conf", "/etc/coredns/Corefile"],
      "resources": ["limits": ["memory": "170Mi"], "requests": ["cpu": "100m", "memory": "70Mi"]],
      "ports": [
        port("dns", 53, "UDP"), port("dns-tcp", 53), port("metrics", 9153), port("liveness-probe", 8080),
        port("readiness-probe", 8181),
      ],
      "livenessProbe": [
        "httpGet": ["path": "/health", "port": "liveness-probe", "scheme": "HTTP"], "initialDelaySeconds": 60,
        "timeoutSeconds": 5, "failureThreshold": 5,
      ],
      "readinessProbe": ["httpGet": ["path": "/ready", "port": "readiness-probe", "scheme": "HTTP"]],
      "volumeMounts": [["name": "config-volume", "mountPath": "/etc/coredns", "readOnly": true]],
      "securityContext": [
        "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
        "capabilities": ["add": ["NET_BIND_SERVICE"], "drop": ["ALL"]],
      ],
    ]
  }
}
