import Foundation

/// Large clusters over a longer time: what they cost when nothing happens, and whether they grow when a lot does.
enum SoakBenchmarks {
  static let nodes = 1000
  static let deployments = 20
  static let replicas = 500

  /// How long the churn lasts: `SWIFTLET_SOAK_SECONDS`, two minutes unless said otherwise.
  static var churnSeconds: Double {
    ProcessInfo.processInfo.environment["SWIFTLET_SOAK_SECONDS"].flatMap { Double($0) } ?? 120
  }

  /// An hourly CronJob through a day that is advanced over.
  @Sendable static func measureDay(_ binary: String, _ report: Report) throws {
    let server = try ServerUnderTest(binary, ["--ephemeral"])
    defer { server.stop() }
    let client = try LoadClient(port: server.port)
    let template = #"{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"busybox"}]}}"#
    try client.run(1, inFlight: 1) { _ in
      LoadClient.Request(
        method: "POST", path: "/apis/batch/v1/namespaces/default/cronjobs",
        body: Array(
          (#"{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"report"},"spec":{"schedule":"@hourly","#
            + #""jobTemplate":{"spec":{"template":\#(template)}}}}"#).utf8))
    }
    let start = DispatchTime.now().uptimeNanoseconds
    try client.run(1, inFlight: 1) { _ in
      LoadClient.Request(method: "POST", path: "/swiftlet/v1/clock", body: Array(#"{"advance":"24h"}"#.utf8))
    }
    try ListBenchmarks.fail(client)
    report.row(
      "a day of three nodes and an hourly CronJob", Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9,
      atMost: 2, unit: "s", note: "26,000 heartbeats, 24 Jobs")
  }

  @Sendable static func measureIdle(_ binary: String, _ report: Report) throws {
    let server = try ServerUnderTest(binary, ["--ephemeral", "--nodes", String(nodes)])
    defer { server.stop() }
    usleep(30_000_000)
    let seconds = 60.0
    let cpu = server.child.cpuSeconds
    usleep(UInt32(seconds * 1e6))
    report.row(
      "CPU of an idle cluster of 1,000 nodes", (server.child.cpuSeconds - cpu) / seconds * 100, atMost: 2, unit: "%",
      note: "of a core; 100 heartbeats a second")
    report.row(
      "memory of an idle cluster of 1,000 nodes", server.child.residentBytes / 1_048_576, atMost: 150, unit: "MiB")
  }

  @Sendable static func measureChurn(_ binary: String, _ report: Report) throws {
    let server = try ServerUnderTest(binary, ["--nodes", String(nodes)])
    defer { server.stop() }
    let client = try LoadClient(port: server.port)
    let start = DispatchTime.now().uptimeNanoseconds
    try client.run(deployments, inFlight: 4) { create($0) }
    try ListBenchmarks.fail(client)
    try awaitReady(client)
    let wall = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    report.row(
      "10,000 pods on 1,000 nodes to all Ready", Double(deployments * replicas) / wall, atLeast: 200, unit: "pods/s")
    let samples = try churn(server, client, report)
    let late = samples.suffix(samples.count / 2)
    let mean = late.map(\.bytes).reduce(0, +) / Double(max(late.count, 1))
    let span = (late.last?.seconds ?? 0) - (late.first?.seconds ?? 0)
    report.row(
      "growth of memory under churn, second half", slope(late) * span / mean * 100, atMost: 5, unit: "%",
      note: "of \(Report.number(mean / 1_048_576)) MiB; rolling updates and deletes for \(Int(churnSeconds)) s")
  }

  private static let path = "/apis/apps/v1/namespaces/default/deployments"

  private static func create(_ index: Int) -> LoadClient.Request {
    let name = "web-\(index)"
    let template =
      #"{"metadata":{"labels":{"app":"\#(name)"}},"spec":{"terminationGracePeriodSeconds":1,"#
      + #""containers":[{"name":"web","image":"nginx"}]}}"#
    return LoadClient.Request(
      method: "POST", path: path,
      body: Array(
        (#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"\#(name)"},"spec":{"replicas":\#(replicas),"#
          + #""selector":{"matchLabels":{"app":"\#(name)"}},"template":\#(template)}}"#).utf8))
  }

  private static func awaitReady(_ client: LoadClient) throws {
    let deadline = Date().addingTimeInterval(600)
    for index in 0..<deployments {
      while true {
        let object = try JSONSerialization.jsonObject(with: Data(client.get("\(path)/web-\(index)"))) as? [String: Any]
        if (object?["status"] as? [String: Any])?["readyReplicas"] as? Int == replicas { break }
        guard Date() < deadline else { throw RequestFailure(description: "not all pods were ready in ten minutes") }
        usleep(200_000)
      }
    }
  }

  private struct Sample {
    var seconds: Double
    var bytes: Double
  }

  /// Rolls one Deployment after the other, and deletes pods of others.
  private static func churn(_ server: ServerUnderTest, _ client: LoadClient, _ report: Report) throws -> [Sample] {
    var samples: [Sample] = []
    let start = Date()
    var round = 0
    while Date().timeIntervalSince(start) < churnSeconds {
      let (rolled, deleted) = (round % deployments, (round + deployments / 2) % deployments)
      try client.run(1, inFlight: 1) { _ in
        LoadClient.Request(
          method: "PATCH", path: "\(path)/web-\(rolled)", contentType: "application/merge-patch+json",
          body: Array(#"{"spec":{"template":{"metadata":{"annotations":{"round":"\#(round)"}}}}}"#.utf8))
      }
      let victims = try names(client, "web-\(deleted)").prefix(50)
      try client.run(victims.count, inFlight: 16) { index in
        LoadClient.Request(method: "DELETE", path: "/api/v1/namespaces/default/pods/\(victims[index])")
      }
      round += 1
      usleep(2_000_000)
      samples.append(Sample(seconds: Date().timeIntervalSince(start), bytes: server.child.residentBytes))
      if round % 10 == 0 {
        report.note(
          "after \(Int(samples[samples.count - 1].seconds)) s: "
            + "\(Report.number(samples[samples.count - 1].bytes / 1_048_576)) MiB, "
            + "\(Report.number(server.child.cpuSeconds)) s CPU")
      }
    }
    return samples
  }

  private static func names(_ client: LoadClient, _ app: String) throws -> [String] {
    let bytes = try client.get("/api/v1/namespaces/default/pods?labelSelector=app%3D\(app)&limit=100")
    let list = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    return (list?["items"] as? [[String: Any]] ?? []).compactMap {
      ($0["metadata"] as? [String: Any])?["name"] as? String
    }
  }

  /// Bytes a second, by least squares.
  private static func slope(_ samples: ArraySlice<Sample>) -> Double {
    let count = Double(max(samples.count, 1))
    let meanTime = samples.map(\.seconds).reduce(0, +) / count
    let meanBytes = samples.map(\.bytes).reduce(0, +) / count
    let above = samples.reduce(0) { $0 + ($1.seconds - meanTime) * ($1.bytes - meanBytes) }
    let below = samples.reduce(0) { $0 + ($1.seconds - meanTime) * ($1.seconds - meanTime) }
    return below > 0 ? above / below : 0
  }
}
