import Foundation

/// Fan-out to many watches, and the cost of watches that wait.
enum WatchBenchmarks {
  static let watch = LoadClient.Request(
    method: "GET", path: "/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=0")

  @Sendable static func measure(_ binary: String, _ report: Report) throws {
    let server = try ServerUnderTest(binary, ["--ephemeral", "--nodes", "0"])
    defer { server.stop() }
    let writer = try LoadClient(port: server.port)
    try writer.run(1, inFlight: 1) { _ in
      LoadClient.Request(
        method: "POST", path: "/api/v1/namespaces/default/configmaps", body: Samples.configMap("watched"))
    }
    let watchers = try (0..<10).map { _ in try LoadClient(port: server.port) }
    for watcher in watchers {
      try watcher.hold(100, watch)
      try watcher.receive(until: watcher.receivedLines >= 100)
    }
    let seen = watchers.map(\.receivedLines)
    let rounds = 100
    let cpu = server.child.cpuSeconds
    for round in 0..<rounds {
      try writer.run(1, inFlight: 1) { _ in
        LoadClient.Request(
          method: "PATCH", path: "/api/v1/namespaces/default/configmaps/watched",
          contentType: "application/merge-patch+json", body: Array(#"{"data":{"round":"\#(round)"}}"#.utf8))
      }
      for (watcher, before) in zip(watchers, seen) {
        try watcher.receive(until: watcher.receivedLines >= before + 100 * (round + 1))
      }
    }
    let each = (server.child.cpuSeconds - cpu) / Double(rounds * 1000) * 1e6
    report.row("one write to 1,000 watchers", each, atMost: 5, unit: "us", note: "CPU a delivery")

    let resident = server.child.residentBytes
    let idle = try (0..<100).map { _ in try LoadClient(port: server.port) }
    for client in idle {
      try client.hold(100, watch)
      try client.receive(until: client.receivedLines >= 100)
    }
    let memory = (server.child.residentBytes - resident) / 10_000 / 1024
    report.row(
      "10,000 idle watches", memory, atMost: 4, unit: "KB", note: "memory a watch, its share of a connection included")
  }
}
