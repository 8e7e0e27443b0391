import Foundation

/// Start, idling, and a Deployment on many nodes.
enum ProcessBenchmarks {
  @Sendable static func measureStart(_ binary: String, _ report: Report) throws {
    let empty = try firstAnswer(binary, directory: nil)
    report.row(
      "start with nothing", empty.seconds * 1000, atMost: 50, unit: "ms",
      note: "to the first answer; kube-apiserver 2,800")
    empty.server.stop()

    let filled = try ServerUnderTest(binary, ["--nodes", "0"])
    let client = try LoadClient(port: filled.port)
    try client.run(100_000, inFlight: 200) { index in
      LoadClient.Request(
        method: "POST", path: "/api/v1/namespaces/default/configmaps", body: Samples.configMap("filled-\(index)"))
    }
    try ListBenchmarks.fail(client)
    filled.stop(keepData: true)
    let again = try firstAnswer(binary, directory: filled.directory)
    defer { again.server.stop() }
    report.row(
      "start with 100,000 objects on disk", again.seconds * 1000, atMost: 1500, unit: "ms", note: "to the first answer")
  }

  private static func firstAnswer(_ binary: String, directory: URL?) throws -> (
    server: ServerUnderTest, seconds: Double
  ) {
    let server = try ServerUnderTest(binary, ["--nodes", "0"], directory: directory)
    let start = DispatchTime.now().uptimeNanoseconds
    let client = try LoadClient(port: server.port)
    try client.run(1, inFlight: 1) { _ in LoadClient.Request(method: "GET", path: "/api/v1/namespaces") }
    return (server, server.readySeconds + Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
  }

  /// Seconds that an idle server is watched.
  static let idleSeconds = 20.0

  @Sendable static func measureIdle(_ binary: String, _ report: Report) throws {
    let server = try ServerUnderTest(binary, [])
    defer { server.stop() }
    usleep(5_000_000)
    let cpu = server.child.cpuSeconds
    usleep(UInt32(idleSeconds * 1e6))
    report.row(
      "memory of an idle cluster", server.child.residentBytes / 1_048_576, atMost: 40, unit: "MiB",
      note: "stock control plane 491")
    report.row(
      "CPU of an idle cluster", (server.child.cpuSeconds - cpu) / idleSeconds * 100, atMost: 0.1, unit: "%",
      note: "of a core; stock 5")
  }

  @Sendable static func measureDeployment(_ binary: String, _ report: Report) throws {
    let server = try ServerUnderTest(binary, ["--ephemeral", "--nodes", "100"])
    defer { server.stop() }
    let replicas = 1000
    let client = try LoadClient(port: server.port)
    let start = DispatchTime.now().uptimeNanoseconds
    let cpu = server.child.cpuSeconds
    let template = #"{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"nginx"}]}}"#
    try client.run(1, inFlight: 1) { _ in
      LoadClient.Request(
        method: "POST", path: "/apis/apps/v1/namespaces/default/deployments",
        body: Array(
          (#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":\#(replicas),"#
            + #""selector":{"matchLabels":{"app":"web"}},"template":\#(template)}}"#).utf8))
    }
    try ListBenchmarks.fail(client)
    let path = "/apis/apps/v1/namespaces/default/deployments/web"
    let deadline = Date().addingTimeInterval(120)
    while true {
      let status = (try JSONSerialization.jsonObject(with: Data(client.get(path))) as? [String: Any])?["status"]
      if (status as? [String: Any])?["readyReplicas"] as? Int == replicas { break }
      guard Date() < deadline else { throw RequestFailure(description: "the Deployment was not ready in two minutes") }
      usleep(20_000)
    }
    let wall = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    let each = (server.child.cpuSeconds - cpu) / Double(replicas) * 1000
    report.row(
      "Deployment of 1,000 replicas on 100 nodes to all Ready", Double(replicas) / wall, atLeast: 300, unit: "pods/s",
      note: "\(Report.number(each)) ms CPU a pod")
  }
}
