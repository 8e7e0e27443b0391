import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas

/// `nodes/proxy`: what a kubelet says of itself, its pods, and what they use.
struct KubeletPages: Sendable {
  let cluster: Cluster
  /// Nodes of this process run.
  let isThere: Bool
  let usage: (any UsageSource)?
  let reply: Reply

  private static let port = "10250"

  func answer(_ call: Call, _ kind: Kind, _ name: ProxyName, _ path: ProxyPath) throws(Status) -> Answer {
    let node = try cluster.get(kind, namespace: "", name: name.name)
    if let redirect = Proxies.redirect(call, path, reply) { return redirect }
    let json = node.json
    let address = json["status"]?.list("addresses").first { $0.text("type") == "InternalIP" }?.text("address") ?? ""
    let port = name.port.isEmpty ? Self.port : name.port
    let isSilent = json.at("metadata", "annotations", "sim.swiftlet.dev/unreachable") != nil
    guard isThere, port == Self.port, !isSilent else {
      let why = isSilent && port == Self.port ? "i/o timeout" : "connect: connection refused"
      throw Status(
        code: 503, reason: "ServiceUnavailable",
        message: "error trying to reach service: dial tcp \(address):\(port): \(why)")
    }
    let page = path.rest.split(separator: "/").joined(separator: "/")
    switch page {
    case "healthz", "healthz/ping", "healthz/log", "healthz/syncloop": return .now(reply.text("ok", call.request))
    case "pods", "runningpods":
      let pods: JSON = [
        "kind": "PodList", "apiVersion": "v1", "metadata": [:], "items": .array(pods(of: node).map(\.json)),
      ]
      return .now(reply.json(pods, call.request))
    case "stats/summary":
      return .now(reply.json(summary(node), isPretty: true, call.request))
    default: return .now(reply.text("404 page not found\n", status: 404, call.request))
    }
  }

  private func pods(of node: Object) -> [Object] {
    guard let pods = cluster.catalog.kind(group: "", version: "v1", resource: "pods") else { return [] }
    return cluster.snapshot.objects(pods.resource).filter { $0.json.at("spec", "nodeName")?.string == node.name }
  }

  /// What the node and its pods use, in the form of a kubelet's summary.
  private func summary(_ node: Object) -> JSON {
    let (snapshot, now) = (cluster.snapshot, cluster.now)
    let own = pods(of: node)
    var result: JSON = ["nodeName": .string(node.name)]
    if let sample = usage?.usage(ofNodes: [node], in: snapshot, at: now).first {
      result = Self.used(sample.usage, at: sample.time.rfc3339)
      result["nodeName"] = .string(node.name)
    }
    let samples = usage?.usage(of: own, in: snapshot, at: now) ?? []
    let pods = samples.map { sample -> JSON in
      let time = sample.time.rfc3339
      var pod = Self.used(sample.total, at: time)
      pod["podRef"] = [
        "name": .string(sample.pod.name), "namespace": .string(sample.pod.namespace),
        "uid": .string(own.first { $0.key == sample.pod }?.uid ?? ""),
      ]
      pod["containers"] = .array(
        sample.containers.map { container in
          var used = Self.used(container.usage, at: time)
          used["name"] = .string(container.name)
          return used
        })
      return pod
    }
    return ["node": result, "pods": .array(pods)]
  }

  private static func used(_ usage: Usage, at time: String) -> JSON {
    let nanoCores = usage.cpu.milliValue.multipliedReportingOverflow(by: 1_000_000).partialValue
    return [
      "cpu": ["time": .string(time), "usageNanoCores": .int(nanoCores)],
      "memory": [
        "time": .string(time), "usageBytes": .int(usage.memory.value), "workingSetBytes": .int(usage.memory.value),
      ],
    ]
  }
}
