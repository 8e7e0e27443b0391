import JSONCore
import Objects
import Reconciling

/// What the cluster's name server knows: Services, the pods behind those without an address, and pods by their addresses.
struct NameServer {
  private static let domain = "cluster.local"

  let snapshot: Snapshot

  /// nil: it is not for the cluster to say.
  func records(_ name: String, _ kind: NameRecord.Kind) -> [NameRecord]? {
    if kind == .pointer { return pointers(name) }
    guard name.hasSuffix(".\(Self.domain)") || name == Self.domain else { return nil }
    let parts = name.dropLast(Self.domain.count + 1).split(separator: ".").map(String.init)
    switch (parts.count, parts.last) {
    case (3..., "pod") where parts.count == 3:
      let address = parts[0].replacing("-", with: ".")
      let isHere = snapshot[Key(.namespaces, name: parts[1])] != nil && address.split(separator: ".").count == 4
      return isHere && kind == .address ? [NameRecord(name: name, kind: kind, value: address)] : []
    case (3..., "svc"):
      let service = snapshot[Key(.services, namespace: parts[parts.count - 2], name: parts[parts.count - 3])]
      guard let service else { return [] }
      return records(name, kind, Array(parts.dropLast(3)), service)
    default: return []
    }
  }

  private func records(_ name: String, _ kind: NameRecord.Kind, _ rest: [String], _ service: Object) -> [NameRecord] {
    let spec = service.json["spec"] ?? .emptyObject
    if spec.text("type") == "ExternalName" {
      guard rest.isEmpty else { return [] }
      let target = spec.text("externalName")
      return [NameRecord(name: name, kind: .alias, value: target.hasSuffix(".") ? target : target + ".")]
    }
    let isHeadless = spec.text("clusterIP") == "None"
    if rest.count == 2, rest[0].hasPrefix("_"), rest[1].hasPrefix("_") {
      return kind == .service ? ports(name, rest, service, isHeadless) : []
    }
    guard kind == .address else { return [] }
    if rest.isEmpty {
      let found = isHeadless ? endpoints(of: service).map(\.address) : [spec.text("clusterIP")]
      return found.filter { !$0.isEmpty }.map { NameRecord(name: name, kind: .address, value: $0) }
    }
    guard isHeadless, rest.count == 1 else { return [] }
    return endpoints(of: service).filter { $0.name == rest[0] }
      .map { NameRecord(name: name, kind: .address, value: $0.address) }
  }

  /// `_http._tcp.web.shop.svc.cluster.local`
  private func ports(_ name: String, _ rest: [String], _ service: Object, _ isHeadless: Bool) -> [NameRecord] {
    let wanted = service.json["spec"]?.list("ports").first {
      "_" + $0.text("name") == rest[0] && "_" + ($0["protocol"]?.string ?? "TCP").lowercased() == rest[1]
    }
    guard let wanted else { return [] }
    let full = "\(service.name).\(service.namespace).svc.\(Self.domain)."
    let number = wanted["port"]?.int ?? 0
    if !isHeadless { return [NameRecord(name: name, kind: .service, value: "0 100 \(number) \(full)")] }
    let found = endpoints(of: service)
    return found.map {
      NameRecord(name: name, kind: .service, value: "0 \(100 / found.count) \(number) \($0.name).\(full)")
    }
  }

  /// `9.0.96.10.in-addr.arpa`
  private func pointers(_ name: String) -> [NameRecord]? {
    guard name.hasSuffix(".in-addr.arpa") else { return [] }
    let address = name.dropLast(".in-addr.arpa".count).split(separator: ".").reversed().joined(separator: ".")
    func record(_ target: String) -> [NameRecord] {
      [NameRecord(name: name, kind: .pointer, value: "\(target).svc.\(Self.domain).")]
    }
    for service in snapshot.objects(.services) {
      let place = "\(service.name).\(service.namespace)"
      let cluster = service.json.at("spec", "clusterIP")?.string
      if cluster == address { return record(place) }
      if cluster == "None", let found = endpoints(of: service).first(where: { $0.address == address }) {
        return record("\(found.name).\(place)")
      }
    }
    return []
  }

  /// The pods behind a Service: their addresses, and the names that they have there.
  private func endpoints(of service: Object) -> [(name: String, address: String)] {
    let slices = snapshot.objects(.endpointSlices, namespace: service.namespace)
      .filter { $0.labels["kubernetes.io/service-name"] == service.name }
    return slices.flatMap { slice in
      slice.json.list("endpoints").filter { $0.at("conditions", "ready")?.bool != false }.flatMap { endpoint in
        endpoint.list("addresses").compactMap(\.string).map { address in
          (endpoint["hostname"]?.string ?? address.replacing(".", with: "-"), address)
        }
      }
    }
  }
}
