import JSONCore
import Objects
import Testing
import Values

/// What all controllers have agreed on stays as it is: nobody writes what somebody else writes back.
@Suite struct RestTests {
  private static let template: JSON = [
    "metadata": ["labels": ["app": "a"]], "spec": ["containers": [["name": "c", "image": "nginx"]]],
  ]
  private static let selector: JSON = ["matchLabels": ["app": "a"]]

  /// One of each kind that a controller looks after, most of them with something missing.
  private static let objects: [JSON] = [
    object("v1", "Service", "empty", ["selector": ["app": "nobody"], "ports": [["port": 80]]]),
    object("v1", "Service", "headless", ["clusterIP": "None", "selector": ["app": "nobody"]]),
    object("v1", "Service", "two", ["selector": ["app": "a"], "ports": [["port": 80, "name": "x"]]]),
    object("v1", "Service", "balanced", ["type": "LoadBalancer", "selector": ["app": "a"], "ports": [["port": 80]]]),
    object("v1", "Service", "elsewhere", ["type": "ExternalName", "externalName": "example.com"]),
    object("v1", "Service", "manual", ["ports": [["port": 80]]]),
    ["apiVersion": "v1", "kind": "Endpoints", "metadata": ["name": "manual"]],
    object("apps/v1", "Deployment", "web", ["replicas": 2, "selector": selector, "template": template]),
    object("apps/v1", "Deployment", "none", ["replicas": 0, "selector": selector, "template": template]),
    object("apps/v1", "DaemonSet", "all", ["selector": selector, "template": template]),
    object(
      "apps/v1", "StatefulSet", "db",
      [
        "replicas": 1, "selector": selector, "template": template, "serviceName": "headless",
        "volumeClaimTemplates": [["metadata": ["name": "data"], "spec": claim("standard")]],
      ]),
    object(
      "batch/v1", "Job", "once",
      [
        "template": ["spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "busybox"]]]]
      ]),
    object("v1", "ReplicationController", "old", ["replicas": 0, "template": template]),
    object("v1", "PersistentVolumeClaim", "waiting", claim("nosuch")),
    object("v1", "Pod", "stuck", ["nodeSelector": ["no": "node"], "containers": [["name": "c", "image": "nginx"]]]),
    object("v1", "ResourceQuota", "few", ["hard": ["pods": "50", "services": "20", "count/jobs.batch": "5"]]),
    object("policy/v1", "PodDisruptionBudget", "most", ["minAvailable": 1, "selector": selector]),
    object("policy/v1", "PodDisruptionBudget", "idle", ["maxUnavailable": 1, "selector": ["matchLabels": ["x": "y"]]]),
    object("networking.k8s.io/v1", "Ingress", "door", ["defaultBackend": ["service": service("two")]]),
  ]

  private static func object(_ version: String, _ kind: String, _ name: String, _ spec: JSON) -> JSON {
    [
      "apiVersion": .string(version), "kind": .string(kind), "metadata": ["name": .string(name)], "spec": spec,
    ]
  }

  private static func claim(_ storageClass: String) -> JSON {
    [
      "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
      "storageClassName": .string(storageClass),
    ]
  }

  private static func service(_ name: String) -> JSON { ["name": .string(name), "port": ["number": 80]] }

  @Test func whatHasSettledStays() async throws {
    let simulation = try await Simulation()
    for object in Self.objects { try await simulation.create(object) }
    await simulation.advance(.seconds(600))
    let before = simulation.log.count
    await simulation.advance(.seconds(300))
    // Nodes say that they are alive, and events that something still fails.
    let signs = ["leases.coordination.k8s.io", "nodes", "events", "events.events.k8s.io"]
    let changes = simulation.log.dropFirst(before).filter { line in
      !signs.contains(String(line.split(separator: " ", maxSplits: 3)[2]))
    }
    #expect(changes.isEmpty, "\(changes.prefix(5).joined(separator: "\n"))")
    await simulation.close()
  }
}
