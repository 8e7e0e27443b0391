import JSONCore
import Objects
import Reconciling
import Values

/// A Service with a selector, and the pods behind it.
struct ServicePods {
  let service: Object
  let json: JSON
  let reference: Reference
  let pods: [PodFacts]
  let publishesNotReady: Bool

  /// Nil for a Service without a selector, whose endpoints are someone else's business.
  init?(_ key: Key, _ snapshot: Snapshot) {
    guard let service = snapshot[Key(.services, namespace: key.namespace, name: key.name)] else { return nil }
    let json = service.json
    let selector = json["spec"]?.strings("selector") ?? [:]
    if selector.isEmpty || json["spec"]?.text("type") == "ExternalName" { return nil }
    self.service = service
    self.json = json
    reference = Reference(service, json)
    publishesNotReady = json.at("spec", "publishNotReadyAddresses")?.bool == true
    pods = snapshot.objects(.pods, namespace: key.namespace, matching: LabelSelector(labels: selector))
      .map(PodFacts.init).filter { !$0.podIP.isEmpty && !$0.isTerminal }
  }

  var isHeadless: Bool { json["spec"]?.text("clusterIP") == "None" }

  /// The Service's ports on a pod; a named target port that the pod lacks is left out.
  func ports(on pod: PodFacts) -> [JSON] {
    (json["spec"]?.list("ports") ?? []).compactMap { port in
      let target = port["targetPort"]
      let wantedProtocol = port["protocol"]?.string ?? "TCP"
      let number: Int?
      if let name = target?.string, !name.isEmpty {
        number = Self.containerPort(named: name, wantedProtocol, pod)
      } else {
        number = target?.int ?? port["port"]?.int
      }
      guard let number else { return nil }
      var result: JSON = ["port": JSON(number), "protocol": .string(wantedProtocol)]
      result["name"] = .string(port.text("name"))
      result["appProtocol"] = port["appProtocol"]
      return result
    }
  }

  private static func containerPort(named name: String, _ wantedProtocol: String, _ pod: PodFacts) -> Int? {
    let spec = pod.object.json["spec"] ?? .emptyObject
    let sidecars = spec.list("initContainers").filter { $0.text("restartPolicy") == "Always" }
    return (spec.list("containers") + sidecars).lazy.flatMap { $0.list("ports") }
      .first { $0.text("name") == name && ($0["protocol"]?.string ?? "TCP") == wantedProtocol }?["containerPort"]?.int
  }

  static func targetReference(_ pod: PodFacts) -> JSON {
    [
      "kind": "Pod", "namespace": .string(pod.object.namespace), "name": .string(pod.name), "uid": .string(pod.uid),
    ]
  }

  /// The pod's host name under the Service, "" when it has none of its own.
  func hostname(of pod: PodFacts) -> String {
    let spec = pod.object.spec
    guard let hostname = spec?.member("hostname")?.string, spec?.member("subdomain")?.string == service.name
    else { return "" }
    return hostname
  }

  /// Labels of a Service that go over to its endpoints.
  var labels: [String: String] { json["metadata"]?.strings("labels") ?? [:] }

  private static func selector(of service: Object) -> Labels { Labels(service.spec?.member("selector")?.decoded()) }

  /// Services, and those in the namespace whose selector matches a pod, before or after its change.
  static var watches: [Watch] {
    [
      .each(.services),
      Watch(.pods) { change, snapshot in
        snapshot.objects(.services, namespace: change.object.namespace).filter { service in
          let labels = service.derived(Self.selector(of:))
          if labels.pairs.isEmpty { return false }
          return [change.object, change.previous].contains { object in
            guard let object else { return false }
            return labels.pairs.allSatisfy { object.labels[$0.key] == $0.value }
          }
        }.map(\.key)
      },
    ]
  }
}
