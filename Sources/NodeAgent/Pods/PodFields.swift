import JSONCore
import Objects
import Reconciling
import Values

/// The downward API: fields of the pod, and resources of its containers, as texts.
enum PodFields {
  /// - Parameter path: `metadata.labels['app']`, `status.podIP`.
  static func value(_ path: String, _ pod: PodDetails, _ place: PodPlace) -> String {
    let metadata = pod.json["metadata"] ?? .emptyObject
    for map in ["labels", "annotations"] where path.hasPrefix("metadata.\(map)['") && path.hasSuffix("']") {
      let key = String(path.dropFirst("metadata.\(map)['".count).dropLast(2))
      return metadata.at(map, key)?.string ?? ""
    }
    switch path {
    case "metadata.name": return pod.key.name
    case "metadata.namespace": return pod.key.namespace
    case "metadata.uid": return pod.uid
    case "metadata.labels", "metadata.annotations":
      return metadata.strings(String(path.dropFirst("metadata.".count))).sorted { $0.key < $1.key }
        .map { "\($0.key)=\(JSON.string($0.value).text)" }.joined(separator: "\n")
    case "spec.nodeName": return place.node
    case "spec.serviceAccountName": return pod.spec.text("serviceAccountName")
    case "status.hostIP", "status.hostIPs": return place.hostAddress
    case "status.podIP", "status.podIPs": return place.address
    default: return ""
    }
  }

  /// `limits.cpu` in units of the divisor, rounded up; a container without the limit has all that the node can give.
  /// - Parameter resources: of the container.
  static func resource(_ reference: JSON, of resources: JSON, _ place: PodPlace) -> String {
    let parts = reference.text("resource").split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return "" }
    var amount = Quantity(resources.at(parts[0], parts[1]))
    if parts[0] == "limits" {
      amount = amount ?? Quantity(place.allocatable[parts[1]])
    } else {
      amount = amount ?? Quantity(resources.at("limits", parts[1]))
    }
    guard let amount else { return "0" }
    let divisor = Quantity(reference["divisor"]).flatMap { $0.isZero ? nil : $0 } ?? Quantity(1)
    let (quotient, rest) = amount.nanos.quotientAndRemainder(dividingBy: divisor.nanos)
    return String(rest == 0 ? quotient : quotient + 1)
  }
}

/// `WEB_SERVICE_HOST`, `WEB_PORT_80_TCP_ADDR`, …: how containers found Services before there were names for them.
enum ServiceVariables {
  /// - Parameter namespace: whose Services are meant; nil for a pod that wants none of them.
  static func all(of namespace: String?, in snapshot: Snapshot) -> [String: String] {
    var result: [String: String] = [:]
    if let namespace {
      for service in snapshot.objects(.services, namespace: namespace) { add(service, to: &result) }
    }
    // Whatever the pod's namespace, it finds the API.
    if let api = snapshot[Key(.services, namespace: "default", name: "kubernetes")] { add(api, to: &result) }
    return result
  }

  private static func add(_ service: Object, to result: inout [String: String]) {
    let spec = service.json["spec"] ?? .emptyObject
    let address = spec.text("clusterIP")
    if address.isEmpty || address == "None" { return }
    let name = variable(service.name)
    result["\(name)_SERVICE_HOST"] = address
    for (index, port) in spec.list("ports").enumerated() {
      let number = port["port"]?.int ?? 0
      let protocolName = port.text("protocol").isEmpty ? "TCP" : port.text("protocol")
      let url = "\(protocolName.lowercased())://\(address):\(number)"
      if index == 0 {
        result["\(name)_SERVICE_PORT"] = String(number)
        result["\(name)_PORT"] = url
      }
      if !port.text("name").isEmpty { result["\(name)_SERVICE_PORT_\(variable(port.text("name")))"] = String(number) }
      let prefix = "\(name)_PORT_\(number)_\(protocolName)"
      result[prefix] = url
      result[prefix + "_PROTO"] = protocolName.lowercased()
      result[prefix + "_PORT"] = String(number)
      result[prefix + "_ADDR"] = address
    }
  }

  private static func variable(_ name: String) -> String { name.uppercased().replacing("-", with: "_") }
}
