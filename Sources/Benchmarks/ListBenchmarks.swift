import Foundation

/// LIST of many objects, and of a few out of many.
enum ListBenchmarks {
  @Sendable static func measure(_ binary: String, _ report: Report) throws {
    let server = try ServerUnderTest(binary, ["--ephemeral", "--nodes", "0"])
    defer { server.stop() }
    let client = try LoadClient(port: server.port)
    try client.run(1000, inFlight: 64) { index in
      LoadClient.Request(method: "POST", path: "/api/v1/namespaces/default/pods", body: Samples.pod("pod-\(index)"))
    }
    try fail(client)
    let before = client.receivedBytes
    try client.run(1, inFlight: 1) { _ in LoadClient.Request(method: "GET", path: "/api/v1/namespaces/default/pods") }
    let size = client.receivedBytes - before
    let shape = (connections: 2, streams: 2, requests: 400)
    let ours = try H2Load.cpuMicroseconds(server.child, url: server.url + "/api/v1/namespaces/default/pods", shape)
    let theirs = try Reference.nghttpd(fileBytes: size, shape)
    report.row(
      "LIST of 1,000 pods (\(Report.number(Double(size) / 1e6)) MB)", ours / 1000, atMost: min(4, 2 * theirs / 1000),
      unit: "ms", note: "CPU a list; nghttpd \(Report.number(theirs / 1000)), kube-apiserver 100")
    try measureForms(server, client, report)
    let resident = server.child.residentBytes
    try client.run(9000, inFlight: 64) { index in
      let labels = index % 900 == 0 ? #""app":"web","rare":"yes""# : #""app":"web""#
      return LoadClient.Request(
        method: "POST", path: "/api/v1/namespaces/default/pods", body: Samples.pod("more-\(index)", labels: labels))
    }
    try fail(client)
    report.row(
      "memory for 10,000 pods", (server.child.residentBytes - resident) / (Double(size) * 9), atMost: 1.6, unit: "x",
      note: "of their JSON bytes")
    let few = try H2Load.cpuMicroseconds(
      server.child, url: server.url + "/api/v1/namespaces/default/pods?labelSelector=rare%3Dyes",
      (connections: 4, streams: 16, requests: 20_000))
    report.row("LIST by a label that 10 of 10,000 pods have", few, atMost: 50, unit: "us", note: "CPU a list")
  }

  /// The same list in other forms, which have to be made from the stored JSON for each request.
  ///
  /// kube-apiserver takes 100 ms for the JSON of it; a form that is none of our stored ones may take half of that, and
  /// packing as long as gzip itself takes.
  private static func measureForms(_ server: ServerUnderTest, _ client: LoadClient, _ report: Report) throws {
    let path = "/api/v1/namespaces/default/pods"
    let shape = (connections: 2, streams: 2, requests: 60)
    func list(_ header: String) throws -> Double {
      try H2Load.cpuMicroseconds(server.child, url: server.url + path, shape, header: header) / 1000
    }
    let stock = "CPU a list; held against half of the 100 ms of kube-apiserver's JSON"
    report.row(
      "LIST of 1,000 pods in protobuf", try list("accept: application/vnd.kubernetes.protobuf"), atMost: 50, unit: "ms",
      note: stock)
    report.row(
      "LIST of 1,000 pods as a Table", try list("accept: application/json;as=Table;v=v1;g=meta.k8s.io"), atMost: 50,
      unit: "ms", note: stock)
    let packing = try Reference.gzip(try client.get(path))
    report.row(
      "LIST of 1,000 pods in gzip", try list("accept-encoding: gzip"), atMost: packing * 1.5, unit: "ms",
      note: "CPU a list; held against 1.5 times gzip -1 of the same bytes, \(Report.number(packing)) ms")
  }

  static func fail(_ client: LoadClient) throws {
    if client.failures > 0 { throw RequestFailure(description: client.firstFailure) }
  }
}

struct RequestFailure: Error, CustomStringConvertible { var description: String }
