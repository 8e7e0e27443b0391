import Foundation

/// What controllers, scheduler and nodes do together: many Deployments at once, a rolling update, the end of a namespace.
enum ControllerBenchmarks {
  @Sendable static func measure(_ binary: String, _ report: Report) throws {
    let server = try ServerUnderTest(binary, ["--ephemeral", "--nodes", "100"])
    defer { server.stop() }
    let client = try LoadClient(port: server.port)
    let meter = Meter(server, client)
    try measureManyDeployments(client, meter, report)
    try measureRollingUpdate(client, meter, report)
    try measureNamespace(client, meter, report)
  }

  private static func measureManyDeployments(_ client: LoadClient, _ meter: Meter, _ report: Report) throws {
    let (deployments, replicas) = (100, 100)
    let pods = Double(deployments * replicas)
    meter.begin()
    let before = try ReconcileCosts(client)
    try client.run(deployments, inFlight: 16) { create(deployment("web-\($0)", replicas: replicas), "default") }
    try ListBenchmarks.fail(client)
    try wait(for: "all pods to be ready", client) {
      let items = try object(client, "/apis/apps/v1/namespaces/default/deployments")["items"] as? [[String: Any]] ?? []
      return items.count { count($0, "readyReplicas") == replicas } == deployments
    }
    let costs = try ReconcileCosts(client)
    let done = costs.total - before.total
    report.row(
      "100 Deployments of 100 replicas to all Ready", pods / meter.seconds, atLeast: 500, unit: "pods/s",
      note: "\(Report.number(meter.cpu / pods * 1e6)) us CPU a pod")
    if done > 0 {
      report.row(
        "CPU of the whole server a reconciliation", meter.cpu / done * 1e6, atMost: 500, unit: "us",
        note: "\(Report.number(done / pods)) reconciliations a pod, all controllers")
    }
    for line in costs.table(since: before) { report.note(line) }
    try removeAll(client, deployments)
  }

  private static func measureRollingUpdate(_ client: LoadClient, _ meter: Meter, _ report: Report) throws {
    let replicas = 1000
    try client.run(1, inFlight: 1) { _ in create(deployment("rolling", replicas: replicas), "default") }
    let path = "/apis/apps/v1/namespaces/default/deployments/rolling"
    try wait(for: "the Deployment to be ready", client) { count(try object(client, path), "readyReplicas") == replicas }
    meter.begin()
    try client.run(1, inFlight: 1) { _ in
      LoadClient.Request(
        method: "PATCH", path: path, contentType: "application/strategic-merge-patch+json",
        body: Array(#"{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:2"}]}}}}"#.utf8))
    }
    try wait(for: "the rollout to be over", client) {
      let deployment = try object(client, path)
      return ["updatedReplicas", "readyReplicas", "replicas"].allSatisfy { count(deployment, $0) == replicas }
        && count(deployment, "observedGeneration") > 1
    }
    report.row(
      "rolling update of 1,000 replicas", Double(replicas) / meter.seconds, atLeast: 100, unit: "pods/s",
      note: "\(Report.number(meter.cpu / Double(replicas) * 1e6)) us CPU a pod")
  }

  private static func measureNamespace(_ client: LoadClient, _ meter: Meter, _ report: Report) throws {
    let objects = 10_000
    let body = #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"large"}}"#
    try client.run(1, inFlight: 1) { _ in
      LoadClient.Request(method: "POST", path: "/api/v1/namespaces", body: Array(body.utf8))
    }
    try client.run(objects, inFlight: 200) { index in
      LoadClient.Request(
        method: "POST", path: "/api/v1/namespaces/large/configmaps", body: Samples.configMap("c-\(index)"))
    }
    try ListBenchmarks.fail(client)
    meter.begin()
    try client.run(1, inFlight: 1) { _ in LoadClient.Request(method: "DELETE", path: "/api/v1/namespaces/large") }
    try wait(for: "the namespace to be gone", client) {
      try object(client, "/api/v1/namespaces/large")["kind"] as? String == "Status"
    }
    report.row(
      "end of a namespace with 10,000 objects", meter.seconds, atMost: 5, unit: "s",
      note: "\(Report.number(meter.cpu / Double(objects) * 1e6)) us CPU an object")
  }

  // MARK: Parts

  /// Wall time and CPU of the server since `begin`.
  private final class Meter {
    private let server: ServerUnderTest
    private var start = (time: DispatchTime.now().uptimeNanoseconds, cpu: 0.0)

    init(_ server: ServerUnderTest, _ client: LoadClient) { self.server = server }

    func begin() { start = (DispatchTime.now().uptimeNanoseconds, server.child.cpuSeconds) }

    var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - start.time) / 1e9 }
    var cpu: Double { server.child.cpuSeconds - start.cpu }
  }

  private static func deployment(_ name: String, replicas: Int) -> String {
    let template =
      #"{"metadata":{"labels":{"app":"\#(name)"}},"spec":{"terminationGracePeriodSeconds":1,"#
      + #""containers":[{"name":"web","image":"nginx:1"}]}}"#
    return
      #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"\#(name)"},"spec":{"replicas":\#(replicas),"#
      + #""selector":{"matchLabels":{"app":"\#(name)"}},"template":\#(template)}}"#
  }

  private static func create(_ body: String, _ namespace: String) -> LoadClient.Request {
    LoadClient.Request(
      method: "POST", path: "/apis/apps/v1/namespaces/\(namespace)/deployments", body: Array(body.utf8))
  }

  private static func removeAll(_ client: LoadClient, _ deployments: Int) throws {
    let options = Array(#"{"propagationPolicy":"Background"}"#.utf8)
    try client.run(deployments, inFlight: 16) { index in
      LoadClient.Request(
        method: "DELETE", path: "/apis/apps/v1/namespaces/default/deployments/web-\(index)", body: options)
    }
    try wait(for: "the pods to be gone", client) {
      let pods = try object(client, "/api/v1/namespaces/default/pods?limit=1")
      return (pods["items"] as? [Any])?.isEmpty == true
    }
  }

  private static func object(_ client: LoadClient, _ path: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(client.get(path))) as? [String: Any] ?? [:]
  }

  private static func count(_ object: [String: Any], _ field: String) -> Int {
    (object["status"] as? [String: Any])?[field] as? Int ?? 0
  }

  private static func wait(for what: String, _ client: LoadClient, _ isSo: () throws -> Bool) throws {
    let deadline = Date().addingTimeInterval(180)
    while try !isSo() {
      guard Date() < deadline else { throw RequestFailure(description: "waited three minutes for \(what)") }
      usleep(50_000)
    }
  }
}
