import JSONCore
import Objects
import Reconciling

/// The cluster's names and ports as a process in a pod finds them.
///
/// Services have their addresses and answer where a ready pod stands behind them; every host outside of the cluster exists
/// and answers, but for those in `.invalid` and `.local`.
struct PodNetwork: SimulatedNetwork {
  let pod: Key
  let hostname: String
  let address: String
  /// Where the work of those who answer is written down; nil where nobody counts.
  var traffic: Traffic?
  let snapshot: @Sendable () -> Snapshot

  func addresses(of host: String) -> [String] {
    let name = host.hasSuffix(".") ? String(host.dropLast()) : host
    if name == "localhost" { return ["127.0.0.1"] }
    if name == hostname || name == pod.name { return [address] }
    if name.allSatisfy({ $0.isNumber || $0 == "." }), name.contains(".") || name.contains(":") { return [name] }
    if let service = service(name) {
      let spec = service.json["spec"] ?? .emptyObject
      if spec.text("type") == "ExternalName" { return ["203.0.113.10"] }
      let cluster = spec.text("clusterIP")
      return cluster == "None" ? endpoints(of: service) : [cluster].filter { !$0.isEmpty }
    }
    if let found = podOfHeadlessService(name) { return [found] }
    let isInside = !name.contains(".") || [".local", ".svc", ".invalid", ".test"].contains { name.hasSuffix($0) }
    return isInside || isOfNamespace(name) ? [] : ["203.0.113.10"]
  }

  func isListening(_ host: String, port: Int) -> Bool {
    if let service = service(host), service.json.at("spec", "type")?.string != "ExternalName" {
      let ports = service.json["spec"]?.list("ports").compactMap { $0["port"]?.int } ?? []
      return ports.contains(port) && !endpoints(of: service).isEmpty
    }
    return !addresses(of: host).isEmpty
  }

  /// `web`, `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local`
  func service(_ host: String) -> Object? {
    let parts = Self.parts(host)
    guard let name = parts.first, parts.count <= 2 else { return nil }
    return snapshot()[Key(.services, namespace: parts.count > 1 ? parts[1] : pod.namespace, name: name)]
  }

  /// The name without what every name of the cluster ends with.
  private static func parts(_ host: String) -> [String] {
    var name = host[...]
    for end in [".", ".cluster.local", ".svc"] where name.hasSuffix(end) { name = name.dropLast(end.count) }
    return name.split(separator: ".").map(String.init)
  }

  private func isOfNamespace(_ host: String) -> Bool {
    let parts = Self.parts(host)
    return parts.count == 2 && snapshot()[Key(.namespaces, name: parts[1])] != nil
  }

  /// `web-0.web`, `web-0.web.shop.svc.cluster.local`
  private func podOfHeadlessService(_ host: String) -> String? {
    let parts = Self.parts(host)
    guard parts.count == 2 || parts.count == 3 else { return nil }
    let namespace = parts.count == 3 ? parts[2] : pod.namespace
    guard let found = snapshot()[Key(.pods, namespace: namespace, name: parts[0])]?.json,
      found.at("spec", "subdomain")?.string == parts[1]
    else { return nil }
    return found.at("status", "podIP")?.string
  }

  private func endpoints(of service: Object) -> [String] {
    let slices = snapshot().objects(.endpointSlices, namespace: service.namespace)
      .filter { $0.labels["kubernetes.io/service-name"] == service.name }
    return slices.flatMap { slice in
      slice.json.list("endpoints").filter { $0.at("conditions", "ready")?.bool != false }
        .flatMap { $0.list("addresses").compactMap(\.string) }
    }
  }
}
