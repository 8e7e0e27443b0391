import Foundation

/// GET of one object, beside nghttpd serving a file of that size.
enum ReadBenchmarks {
  static let shapes = [
    (connections: 16, streams: 16, requests: 200_000), (connections: 100, streams: 1, requests: 100_000),
  ]

  @Sendable static func measure(_ binary: String, _ report: Report) throws {
    let server = try ServerUnderTest(binary, ["--ephemeral", "--nodes", "0"])
    defer { server.stop() }
    let client = try LoadClient(port: server.port)
    try client.run(1, inFlight: 1) { _ in
      LoadClient.Request(
        method: "POST", path: "/api/v1/namespaces/default/configmaps", body: Samples.configMap("bench"))
    }
    let path = "/api/v1/namespaces/default/configmaps/bench"
    let size = client.receivedBytes
    for shape in shapes {
      let ours = try H2Load.cpuMicroseconds(server.child, url: server.url + path, shape)
      let theirs = try Reference.nghttpd(fileBytes: size, shape)
      report.row(
        "GET, \(shape.connections) connections x \(shape.streams) streams", ours, atMost: 2 * theirs, unit: "us",
        note: "CPU a request; nghttpd \(Report.number(theirs)), kube-apiserver 430-620")
    }
  }
}

/// h2load from the nghttp2 project.
enum H2Load {
  /// CPU of the server for each request, in microseconds.
  static func cpuMicroseconds(
    _ child: Child, url: String, _ shape: (connections: Int, streams: Int, requests: Int), header: String? = nil
  ) throws -> Double {
    let program = try tool("h2load")
    let headers = header.map { ["-H", $0] } ?? []
    func load(_ requests: Int) throws {
      let run = try Child(
        program,
        ["-n", "\(requests)", "-c", "\(shape.connections)", "-m", "\(shape.streams)", "-t", "1"] + headers + [url])
      run.process.waitUntilExit()
      guard run.process.terminationStatus == 0 else { throw ServerUnderTest.Failure.ended }
    }
    try load(max(shape.connections, shape.requests / 20))
    let before = child.cpuSeconds
    try load(shape.requests)
    return (child.cpuSeconds - before) / Double(shape.requests) * 1e6
  }
}

/// What the least program of the kind needs on this machine, now.
enum Reference {
  /// CPU of gzip at its lowest level for these bytes, in milliseconds.
  static func gzip(_ bytes: [UInt8]) throws -> Double {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(bytes).write(to: file)
    let rounds = 10
    let before = childrenSeconds
    for _ in 0..<rounds {
      let run = try Child(try tool("gzip"), ["-1", "-c", file.path])
      run.process.waitUntilExit()
    }
    return (childrenSeconds - before) / Double(rounds) * 1000
  }

  /// CPU of the children that have ended.
  private static var childrenSeconds: Double {
    var usage = rusage()
    getrusage(RUSAGE_CHILDREN.rawValue, &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  static func nghttpd(fileBytes: Int, _ shape: (connections: Int, streams: Int, requests: Int)) throws -> Double {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try Data(count: fileBytes).write(to: directory.appendingPathComponent("file"))
    let port = Int.random(in: 20000..<30000)
    let server = try Child(try tool("nghttpd"), ["--no-tls", "-n", "2", "-d", directory.path, "\(port)"])
    defer { server.stop() }
    for _ in 0..<200 {
      if (try? LoadClient(port: port)) != nil { break }
      usleep(10_000)
    }
    return try H2Load.cpuMicroseconds(server, url: "http://127.0.0.1:\(port)/file", shape)
  }
}
