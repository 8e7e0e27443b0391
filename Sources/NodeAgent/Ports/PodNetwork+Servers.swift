import JSONCore
import Objects
import Reconciling
import Values

/// A server behind a name and a port.
public struct PortTarget: Sendable {
  var request: ContainerRequest
  var port: Int
}

extension SimulatedNetwork {
  /// The servers that may answer there, one of which is to be chosen: empty when nobody listens, nil for a host that is not of
  /// the cluster.
  public func servers(at host: String, port: Int) -> [PortTarget]? { nil }

  /// A server has answered; nobody counts that here.
  public func noteAnswer(of server: PortTarget, at now: Instant) {}
}

extension PodNetwork {
  func noteAnswer(of server: PortTarget, at now: Instant) {
    let cost = ImageAnswers.answer(server.request.container.image)?.cpu ?? .milliseconds(1)
    traffic?.note(cost, of: server.request.pod.uid, at: now)
  }

  func servers(at host: String, port: Int) -> [PortTarget]? {
    let snapshot = snapshot()
    if let service = service(host) ?? service(withAddress: host, snapshot) {
      return service.json.at("spec", "type")?.string == "ExternalName" ? nil : servers(behind: service, port, snapshot)
    }
    guard let place = addresses(of: host).first else { return nil }
    let isOwn = place == "127.0.0.1"
    let found =
      isOwn
      ? snapshot[pod]
      : snapshot.objects(.pods).first { PodFacts($0).podIP == place && $0.json.at("spec", "hostNetwork")?.bool != true }
    guard let found else { return nil }
    return server(in: found, port, snapshot).map { [$0] } ?? []
  }

  private func service(withAddress host: String, _ snapshot: Snapshot) -> Object? {
    guard host.first?.isNumber == true else { return nil }
    return snapshot.objects(.services).first { $0.json.at("spec", "clusterIP")?.string == host }
  }

  private func servers(behind service: Object, _ port: Int, _ snapshot: Snapshot) -> [PortTarget] {
    guard let wanted = service.json["spec"]?.list("ports").first(where: { $0["port"]?.int == port }) else { return [] }
    let slices = snapshot.objects(.endpointSlices, namespace: service.namespace)
      .filter { $0.labels["kubernetes.io/service-name"] == service.name }
    return slices.flatMap { slice -> [PortTarget] in
      guard let number = slice.json.list("ports").first(where: { $0.text("name") == wanted.text("name") })?["port"]?.int
      else { return [] }
      return slice.json.list("endpoints").filter { $0.at("conditions", "ready")?.bool != false }.compactMap {
        endpoint in
        let key = Key(.pods, namespace: service.namespace, name: endpoint["targetRef"]?.text("name") ?? "")
        return snapshot[key].flatMap { server(in: $0, number, snapshot) }
      }
    }
  }

  /// The container of a pod that listens on a port; its files are those of its volumes.
  private func server(in object: Object, _ port: Int, _ snapshot: Snapshot) -> PortTarget? {
    let details = PodDetails(object)
    let pod = PodSpecification(key: details.key, uid: details.uid, json: details.json)
    let facts = PodFacts(object)
    let place = PodPlace(
      node: facts.nodeName, address: facts.podIP, hostAddress: details.json.at("status", "hostIP")?.string ?? "",
      allocatable: .emptyObject)
    for container in pod.containers where container.role == .regular || container.role == .sidecar {
      var request = ContainerRequest(pod: pod, container: container, attempt: 0)
      request.surroundings.hostname = object.name
      request.surroundings.address = facts.podIP
      request.surroundings.mounts = PodVolumes(key: pod.key, uid: pod.uid, place: place, snapshot: self.snapshot)
        .mounts(of: container.name, in: details, [:])
      let world = ShellWorld(now: .epoch, hostname: object.name, network: NoNetwork())
      if SimulatedServer(request: request, world: world).ports.contains(port) {
        return PortTarget(request: request, port: port)
      }
    }
    return nil
  }
}
