import JSONCore
import Objects
import Reconciling
import Values

/// The ways through the cluster: addresses of Services, pods and nodes.
extension PodNetwork {
  /// Where the API listens.
  private static let apiPorts = [443, 6443]

  func route(to host: String, port: Int, _ transport: Transport) -> PortRoute {
    let snapshot = snapshot()
    guard let address = addresses(of: host).first else { return .unknownHost }
    if address == Self.outside { return .outside }
    if address.hasPrefix("127.") || address == "::1" { return ownRoute(port, transport, snapshot) }
    if let service = service(withAddress: address, snapshot) { return route(to: service, port, transport, snapshot) }
    if let node = snapshot.objects(.nodes).first(where: { Self.addresses(ofNode: $0).contains(address) }) {
      return route(toNode: node.name, address, port, transport, snapshot)
    }
    if let pod = snapshot.objects(.pods).first(where: { isAt($0, address) }) {
      return Self.target(pod, port).map { .pods([$0], isSticky: false) } ?? .lost
    }
    return Self.isPrivate(address) ? .lost : .outside
  }

  // MARK: Services

  private func service(withAddress address: String, _ snapshot: Snapshot) -> Object? {
    snapshot.objects(.services).first { service in
      let json = service.json
      let spec = json["spec"] ?? .emptyObject
      let balanced = json["status"]?["loadBalancer"]?.list("ingress").map { $0.text("ip") } ?? []
      return spec.text("clusterIP") == address || spec.list("clusterIPs").contains { $0.string == address }
        || spec.list("externalIPs").contains { $0.string == address } || balanced.contains(address)
    }
  }

  private func route(to service: Object, _ port: Int, _ transport: Transport, _ snapshot: Snapshot) -> PortRoute {
    let spec = service.json["spec"] ?? .emptyObject
    let wanted = spec.list("ports").first {
      $0["port"]?.int == port && Transport.of($0) == transport
    }
    // The address is taken, and whatever else comes to it is turned away.
    guard let wanted else { return .refused }
    return route(to: service, wanted, snapshot)
  }

  private func route(to service: Object, _ wanted: JSON, _ snapshot: Snapshot) -> PortRoute {
    if service.namespace == "default", service.name == "kubernetes" { return .api }
    let targets = Self.targets(of: service, wanted, snapshot)
    if targets.isEmpty { return .refused }
    return .pods(targets, isSticky: service.json.at("spec", "sessionAffinity")?.string == "ClientIP")
  }

  private static func targets(of service: Object, _ wanted: JSON, _ snapshot: Snapshot) -> [PortTarget] {
    let slices = snapshot.objects(.endpointSlices, namespace: service.namespace)
      .filter { $0.labels["kubernetes.io/service-name"] == service.name }
    var (ready, ending): ([PortTarget], [PortTarget]) = ([], [])
    for slice in slices {
      let named = slice.json.list("ports").first { $0.text("name") == wanted.text("name") }
      guard let number = named?["port"]?.int else { continue }
      for endpoint in slice.json.list("endpoints") {
        let isReady = endpoint.at("conditions", "ready")?.bool != false
        let isServing = endpoint.at("conditions", "serving")?.bool != false
        guard isReady || isServing else { continue }
        let reference = endpoint["targetRef"]
        let found =
          reference.flatMap { snapshot[Key(.pods, namespace: service.namespace, name: $0.text("name"))] }
          ?? endpoint.list("addresses").first?.string.flatMap { address in
            snapshot.objects(.pods).first { PodFacts($0).podIP == address }
          }
        guard let target = found.flatMap({ target($0, number) }) else { continue }
        if isReady { ready.append(target) } else { ending.append(target) }
      }
    }
    // Who is on the way out serves where nobody else does.
    return ready.isEmpty ? ending : ready
  }

  // MARK: Nodes

  private static func addresses(ofNode node: Object) -> [String] {
    (node.json["status"]?.list("addresses") ?? []).filter { $0.text("type") != "Hostname" }.map { $0.text("address") }
  }

  /// Ports of Services, ports that pods have of the node, and what runs on the node's network.
  private func route(
    toNode node: String, _ address: String, _ port: Int, _ transport: Transport, _ snapshot: Snapshot
  ) -> PortRoute {
    for service in snapshot.objects(.services) {
      let ports = service.json["spec"]?.list("ports") ?? []
      if let wanted = ports.first(where: { $0["nodePort"]?.int == port && Transport.of($0) == transport }) {
        return route(to: service, wanted, snapshot)
      }
    }
    let pods = snapshot.objects(.pods).filter { PodFacts($0).nodeName == node }
    for pod in pods {
      let spec = pod.json["spec"] ?? .emptyObject
      for container in spec.list("containers") {
        for opened in container.list("ports") where opened["hostPort"]?.int == port && Transport.of(opened) == transport
        {
          let host = opened.text("hostIP")
          guard host.isEmpty || host == "0.0.0.0" || host == address, let inside = opened["containerPort"]?.int,
            let target = Self.target(pod, inside)
          else { continue }
          return .pods([target], isSticky: false)
        }
      }
    }
    let onNode = pods.filter { $0.json.at("spec", "hostNetwork")?.bool == true }.compactMap { Self.target($0, port) }
    if Self.apiPorts.contains(port) { return .api }
    return onNode.isEmpty ? .refused : .pods(onNode, isSticky: true)
  }

  private func ownRoute(_ port: Int, _ transport: Transport, _ snapshot: Snapshot) -> PortRoute {
    guard let own = snapshot[pod] else { return .refused }
    if own.json.at("spec", "hostNetwork")?.bool == true {
      return route(toNode: PodFacts(own).nodeName, "127.0.0.1", port, transport, snapshot)
    }
    return Self.target(own, port).map { .pods([$0], isSticky: false) } ?? .refused
  }

  // MARK: Pods

  private func isAt(_ pod: Object, _ address: String) -> Bool {
    PodFacts(pod).podIP == address && pod.json.at("spec", "hostNetwork")?.bool != true
  }

  /// nil when none of its containers runs.
  private static func target(_ pod: Object, _ port: Int) -> PortTarget? {
    let status = pod.json["status"] ?? .emptyObject
    let containers = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]
      .flatMap { status.list($0) }.filter { $0.at("state", "running") != nil }.map { $0.text("containerID") }
    return containers.isEmpty ? nil : PortTarget(uid: pod.uid, containers: containers, port: port)
  }

  /// An address that only the cluster, or a network around it, could have.
  static func isPrivate(_ address: String) -> Bool {
    let parts = address.split(separator: ".").compactMap { Int($0) }
    guard parts.count == 4 else { return true }
    return parts[0] == 10 || parts[0] == 172 && (16...31).contains(parts[1]) || parts[0] == 192 && parts[1] == 168
      || parts[0] == 169 && parts[1] == 254 || parts[0] == 0 || parts[0] >= 224
  }
}

extension Transport {
  /// Of a port in a Service or a container.
  static func of(_ port: JSON) -> Transport? { Transport(rawValue: port["protocol"]?.string ?? "TCP") }
}
