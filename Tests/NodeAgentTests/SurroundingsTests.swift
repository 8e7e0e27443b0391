import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import NodeAgent

/// What containers find around them: variables, volumes, names.
@Suite struct SurroundingsTests {
  static func object(_ resource: GroupResource, _ name: String, _ rest: JSON, labels: JSON = [:]) -> Object {
    var json = rest
    json["metadata"] = ["name": .string(name), "namespace": "shop", "uid": .string("uid-\(name)"), "labels": labels]
    return Object(key: Key(resource, namespace: "shop", name: name), revision: 1, blob: json.blob)
  }

  static let snapshot = Snapshot(
    revision: 1,
    objects: [
      object(.configMaps, "settings", ["data": ["COLOR": "blue", "app.conf": "x=1"]]),
      object(.secrets, "keys", ["data": ["TOKEN": "c2VjcmV0"]]),
      object(.services, "web-front", ["spec": ["clusterIP": "10.96.0.9", "ports": [["name": "http", "port": 80]]]]),
      object(.services, "headless", ["spec": ["clusterIP": "None", "ports": [["port": 80]]]]),
      object(
        .endpointSlices, "headless-x", ["endpoints": [["addresses": ["10.244.1.9"], "conditions": ["ready": true]]]],
        labels: ["kubernetes.io/service-name": "headless"]),
    ])

  static let place = PodPlace(
    node: "node-1", address: "10.244.1.2", hostAddress: "172.18.0.3", allocatable: ["cpu": "8", "memory": "32Gi"])

  static func pod(_ container: JSON, volumes: [JSON] = []) -> PodDetails {
    var container = container
    container["name"] = "c"
    return PodDetails(
      key: Key(.pods, namespace: "shop", name: "p"), uid: "u",
      json: [
        "metadata": ["name": "p", "namespace": "shop", "labels": ["app": "web"]],
        "spec": ["serviceAccountName": "default", "containers": [container], "volumes": .array(volumes)],
      ])
  }

  static func variables(_ container: JSON) throws -> Environment {
    let pod = pod(container)
    let services = ServiceVariables.all(of: "shop", in: snapshot)
    return Environment(
      own: try PodEnvironment(
        pod: pod, container: specification(pod).containers[0], snapshot: snapshot, place: place, services: services
      ).variables(), services: services)
  }

  static func specification(_ pod: PodDetails) -> PodSpecification {
    PodSpecification(key: pod.key, uid: pod.uid, json: pod.json)
  }

  /// The pod itself is a part of the cluster.
  static func volumes(_ pod: PodDetails, _ others: [Object]) -> PodVolumes {
    var json = pod.json
    json["metadata"]?["uid"] = .string(pod.uid)
    let snapshot = Snapshot(revision: 1, objects: others + [Object(key: pod.key, revision: 1, blob: json.blob)])
    return PodVolumes(key: pod.key, uid: pod.uid, place: place) { snapshot }
  }

  @Test(
    arguments: [
      (["name": "V", "value": "1"], "1"), (["name": "V", "value": "$(WEB_FRONT_SERVICE_HOST)"], "10.96.0.9"),
      (["name": "V", "value": "$$(X) $(NOPE) $"], "$(X) $(NOPE) $"),
      (["name": "V", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]], "p"),
      (["name": "V", "valueFrom": ["fieldRef": ["fieldPath": "metadata.labels['app']"]]], "web"),
      (["name": "V", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]], "10.244.1.2"),
      (["name": "V", "valueFrom": ["fieldRef": ["fieldPath": "spec.nodeName"]]], "node-1"),
      (["name": "V", "valueFrom": ["resourceFieldRef": ["resource": "limits.cpu"]]], "2"),
      (["name": "V", "valueFrom": ["resourceFieldRef": ["resource": "limits.cpu", "divisor": "1m"]]], "1500"),
      (["name": "V", "valueFrom": ["resourceFieldRef": ["resource": "limits.memory", "divisor": "1Gi"]]], "32"),
      (["name": "V", "valueFrom": ["configMapKeyRef": ["name": "settings", "key": "COLOR"]]], "blue"),
      (["name": "V", "valueFrom": ["secretKeyRef": ["name": "keys", "key": "TOKEN"]]], "secret"),
    ] as [(JSON, String)])
  func eachSourceOfAVariable(_ entry: JSON, _ value: String) throws {
    let found = try Self.variables(["env": [entry], "resources": ["limits": ["cpu": "1500m"]]])
    #expect(found["V"] == value)
  }

  @Test func variablesOfServicesAndOfWholeObjects() throws {
    let found = try Self.variables([
      "envFrom": [["prefix": "P_", "configMapRef": ["name": "settings"]], ["secretRef": ["name": "keys"]]],
      "env": [["name": "TOKEN", "value": "mine"], ["name": "BOTH", "value": "$(P_COLOR)-$(TOKEN)"]],
    ])
    #expect(found["P_COLOR"] == "blue")
    #expect(found["BOTH"] == "blue-mine")
    #expect(found["WEB_FRONT_SERVICE_PORT_HTTP"] == "80")
    #expect(found["WEB_FRONT_PORT_80_TCP"] == "tcp://10.96.0.9:80")
    #expect(found["HEADLESS_SERVICE_HOST"] == nil)
  }

  @Test(
    arguments: [
      (
        ["env": [["name": "V", "valueFrom": ["configMapKeyRef": ["name": "nope", "key": "k"]]]]],
        "configmap \"nope\" not found"
      ),
      (
        ["env": [["name": "V", "valueFrom": ["secretKeyRef": ["name": "nope", "key": "k"]]]]],
        "secret \"nope\" not found"
      ),
      (
        ["env": [["name": "V", "valueFrom": ["configMapKeyRef": ["name": "settings", "key": "k"]]]]],
        "couldn't find key k in ConfigMap shop/settings"
      ),
      (["envFrom": [["secretRef": ["name": "nope"]]]], "secret \"nope\" not found"),
      (["envFrom": [["secretRef": ["name": "nope", "optional": true]]]], ""),
      (
        [
          "env": [["name": "V", "valueFrom": ["configMapKeyRef": ["name": "settings", "key": "k", "optional": true]]]]
        ], ""
      ),
    ] as [(JSON, String)])
  func whatIsMissing(_ container: JSON, _ message: String) {
    do {
      let found = try Self.variables(container)
      #expect(message.isEmpty)
      #expect(found["V"] == nil)
    } catch {
      #expect((error as? PodEnvironment.Missing)?.message == message)
    }
  }

  @Test func commandsHaveTheirVariablesReplaced() {
    let pod = Self.pod(["command": ["echo"], "args": ["$(A)", "$(B)", "$$(A)"]])
    var surroundings = Surroundings()
    surroundings.environment = ["A": "1"]
    let specification = Self.specification(pod)
    let request = ContainerRequest(
      pod: specification, container: specification.containers[0], attempt: 0,
      surroundings: surroundings)
    #expect(request.words == ["echo", "1", "$(B)", "$(A)"])
  }

  @Test func volumesHoldWhatTheyReferTo() throws {
    let pod = Self.pod(
      [
        "volumeMounts": [
          ["name": "config", "mountPath": "/etc/app"], ["name": "info", "mountPath": "/info"],
          ["name": "config", "mountPath": "/one.conf", "subPath": "app.conf"],
          ["name": "scratch", "mountPath": "/tmp"],
        ]
      ],
      volumes: [
        ["name": "config", "configMap": ["name": "settings"]], ["name": "scratch", "emptyDir": [:]],
        [
          "name": "info",
          "projected": [
            "sources": [
              ["secret": ["name": "keys", "items": [["key": "TOKEN", "path": "t/oken"]]]],
              ["downwardAPI": ["items": [["path": "labels", "fieldRef": ["fieldPath": "metadata.labels"]]]]],
            ]
          ],
        ],
      ])
    var world = ShellTests.world()
    let others = Array(Self.snapshot.objects(.configMaps)) + Array(Self.snapshot.objects(.secrets))
    world.mounts = Self.volumes(pod, others).mounts(of: "c", in: pod, [:])
    #expect(try world.read("etc/app/app.conf") == "x=1")
    #expect(try world.read("one.conf") == "x=1")
    #expect(try world.read("info/t/oken") == "secret")
    #expect(try world.read("info/labels") == "app=\"web\"")
    try world.write("tmp/a", "b")
    #expect(world.volumes["pod/u/scratch"]?.text("a") == "b")
    #expect(throws: ShellWorld.Failure.readOnly) { try world.write("etc/app/x", "y") }
  }

  @Test func volumesGoWithWhoTheyBelongTo() {
    var volumes = VolumeFiles()
    let ids = [
      VolumeID.pod("u", "a"), VolumeID.pod("u", "b"), VolumeID.pod("v", "a"), VolumeID.claim("shop", "c"),
      VolumeID.claim("shop", "d"), VolumeID.host("node-1"), VolumeID.host("node-2"),
    ]
    for id in ids { volumes[id, default: FileTree()].write("f", id) }
    volumes.removeAll(of: VolumeID.owner(pod: "u"))
    volumes.removeAll(of: VolumeID.owner(node: "node-1"))
    volumes.remove(VolumeID.claim("shop", "c"))
    volumes.remove("nobody's")
    #expect(ids.filter { volumes[$0] != nil } == [ids[2], ids[4], ids[6]])
    #expect(volumes.count == 3)
  }

  /// A claim that is made anew under an old name is another one, and has other files.
  @Test func theFilesOfAClaimAreItsOwn() {
    let pod = Self.pod(
      ["volumeMounts": [["name": "data", "mountPath": "/data"]]],
      volumes: [["name": "data", "persistentVolumeClaim": ["claimName": "data"]]])
    let claim = Self.object(.persistentVolumeClaims, "data", [:])
    let mounts = Self.volumes(pod, [claim]).mounts(of: "c", in: pod, [:])
    #expect(mounts.map(\.volume.id) == ["claim/shop/uid-data"])
  }

  @Test(
    arguments: [
      ("web-front", ["10.96.0.9"]), ("web-front.shop", ["10.96.0.9"]),
      ("web-front.shop.svc.cluster.local", ["10.96.0.9"]),
      ("headless", ["10.244.1.9"]), ("nope", []), ("web-front.other", ["203.0.113.10"]), ("localhost", ["127.0.0.1"]),
      ("p", ["10.244.1.2"]), ("example.com", ["203.0.113.10"]), ("10.1.2.3", ["10.1.2.3"]),
    ] as [(String, [String])])
  func names(_ host: String, _ addresses: [String]) {
    let network = PodNetwork(pod: Key(.pods, namespace: "shop", name: "p"), hostname: "p", address: "10.244.1.2") {
      Self.snapshot
    }
    #expect(network.addresses(of: host) == addresses)
  }

  @Test(
    arguments: [
      ("web-front", 80, "refused"), ("web-front", 81, "refused"), ("nope", 80, "unknown"), ("10.1.2.3", 80, "lost"),
      ("8.8.8.8", 53, "outside"), ("example.com", 443, "outside"), ("localhost", 80, "refused"),
      ("headless", 80, "lost"),
    ] as [(String, Int, String)])
  func ways(_ host: String, _ port: Int, _ end: String) {
    let network = PodNetwork(pod: Key(.pods, namespace: "shop", name: "p"), hostname: "p", address: "10.244.1.2") {
      Self.snapshot
    }
    let found =
      switch network.route(to: host, port: port, .tcp) {
      case .unknownHost: "unknown"
      case .refused: "refused"
      case .lost: "lost"
      case .outside: "outside"
      case .api: "api"
      case .pods: "pods"
      }
    #expect(found == end)
  }

  @Test(
    arguments: [
      ("web-front.shop.svc.cluster.local", "A", ["10.96.0.9"]),
      ("_http._tcp.web-front.shop.svc.cluster.local", "SRV", ["0 100 80 web-front.shop.svc.cluster.local."]),
      ("9.0.96.10.in-addr.arpa", "PTR", ["web-front.shop.svc.cluster.local."]),
      ("10-244-1-9.headless.shop.svc.cluster.local.", "A", ["10.244.1.9"]), ("nope.shop.svc.cluster.local", "A", []),
      ("web-front.shop.svc.cluster.local", "AAAA", []),
    ] as [(String, String, [String])])
  func records(_ name: String, _ kind: String, _ values: [String]) throws {
    let network = PodNetwork(pod: Key(.pods, namespace: "shop", name: "p"), hostname: "p", address: "10.244.1.2") {
      Self.snapshot
    }
    let kind = try #require(NameRecord.Kind(rawValue: kind))
    #expect(network.records(name, kind, searches: false).map(\.value) == values)
  }
}
