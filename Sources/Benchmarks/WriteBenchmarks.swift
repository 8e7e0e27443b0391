import CSQLite
import Foundation

/// Writes of every kind, durable, at several numbers in flight.
enum WriteBenchmarks {
  struct Kind {
    var name: String
    var stock: String
    var request: (Int) -> LoadClient.Request
  }

  /// How many pods the changes go to.
  static let podCount = 200

  static let pods = "/api/v1/namespaces/default/pods"

  /// - Parameter stored: the pods as the server stores them, but for their version; a pod can be changed in few ways.
  static func kinds(_ stored: [String]) -> [Kind] {
    [
      Kind(name: "create", stock: "1.25 ms") { index in
        LoadClient.Request(
          method: "POST", path: pods, body: Samples.pod("new-\(index)-\(UInt32.random(in: 0 ... .max))"))
      },
      Kind(name: "update", stock: "1.6 ms") { index in
        LoadClient.Request(
          method: "PUT", path: "\(pods)/pod-\(index % podCount)",
          body: Array(
            stored[index % podCount].replacingOccurrences(
              of: #""labels":{"app":"web""#, with: #""labels":{"app":"web","round":"\#(index)""#
            ).utf8))
      },
      Kind(name: "merge patch", stock: "1.6 ms") { index in
        LoadClient.Request(
          method: "PATCH", path: "\(pods)/pod-\(index % podCount)", contentType: "application/merge-patch+json",
          body: Array(#"{"metadata":{"annotations":{"round":"m\#(index)"}}}"#.utf8))
      },
      Kind(name: "strategic patch", stock: "3.8 ms") { index in
        LoadClient.Request(
          method: "PATCH", path: "\(pods)/pod-\(index % podCount)/status",
          contentType: "application/strategic-merge-patch+json",
          body: Array(
            #"{"status":{"conditions":[{"type":"Bench","status":"True","message":"round \#(index)"}]}}"#.utf8))
      },
      Kind(name: "apply", stock: "2.3 ms") { index in
        LoadClient.Request(
          method: "PATCH",
          path: "/api/v1/namespaces/default/configmaps/applied-\(index % podCount)?fieldManager=bench&force=true",
          contentType: "application/apply-patch+yaml",
          body: Array(
            #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"applied-\#(index % podCount)"},"data":{"round":"\#(index)"}}"#
              .utf8))
      },
    ]
  }

  private static func storedPods(_ client: LoadClient) throws -> [String] {
    try (0..<podCount).map { index in
      let text = String(decoding: try client.get("\(pods)/pod-\(index)"), as: UTF8.self)
      return text.replacingOccurrences(of: #""resourceVersion":"[0-9]+","#, with: "", options: .regularExpression)
    }
  }

  @Sendable static func measure(_ binary: String, _ report: Report) throws {
    let server = try ServerUnderTest(binary, ["--nodes", "0"])
    defer { server.stop() }
    let client = try LoadClient(port: server.port)
    try client.run(podCount, inFlight: 64) { index in
      LoadClient.Request(method: "POST", path: pods, body: Samples.pod("pod-\(index)"))
    }
    for kind in kinds(try storedPods(client)) {
      for (inFlight, count) in [(1, 300), (16, 3000), (64, 10000)] {
        let cpu = server.child.cpuSeconds
        let start = DispatchTime.now().uptimeNanoseconds
        try client.run(count, inFlight: inFlight, kind.request)
        let wall = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        try ListBenchmarks.fail(client)
        let each = (server.child.cpuSeconds - cpu) / Double(count) * 1e6
        let rate = Report.number(Double(count) / wall)
        if inFlight == 64 {
          let bare = try BareSQLite.rate(rows: count, rowBytes: 3500, batch: 64)
          report.row(
            "\(kind.name), 64 in flight", each, atMost: 100, unit: "us",
            note: "CPU a write; \(rate)/s, bare SQLite \(Report.number(bare))/s; kube-apiserver \(kind.stock)")
        } else {
          report.note("       \(kind.name), \(inFlight) in flight: \(Report.number(each)) us, \(rate)/s")
        }
      }
    }
  }
}

/// The least that durable rows cost: a loop over one table, one transaction a batch.
enum BareSQLite {
  /// Rows a second.
  static func rate(rows: Int, rowBytes: Int, batch: Int) throws -> Double {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
    var database: OpaquePointer?
    sqlite3_open(path, &database)
    defer { sqlite3_close(database) }
    let setup = """
      PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA locking_mode=EXCLUSIVE;
      CREATE TABLE log(rev INTEGER PRIMARY KEY, key BLOB, op INT, value BLOB);
      """
    sqlite3_exec(database, setup, nil, nil, nil)
    var insert: OpaquePointer?
    sqlite3_prepare_v2(database, "INSERT INTO log VALUES(?,?,1,?)", -1, &insert, nil)
    defer { sqlite3_finalize(insert) }
    // SQLite keeps the pointer until the step.
    let value = UnsafeMutablePointer<UInt8>.allocate(capacity: rowBytes)
    value.initialize(repeating: 65, count: rowBytes)
    defer { value.deallocate() }
    let start = DispatchTime.now().uptimeNanoseconds
    for first in stride(from: 1, through: rows, by: batch) {
      sqlite3_exec(database, "BEGIN", nil, nil, nil)
      for row in first..<min(first + batch, rows + 1) {
        sqlite3_bind_int64(insert, 1, Int64(row))
        sqlite3_bind_blob(insert, 2, value, 40, nil)
        sqlite3_bind_blob(insert, 3, value, Int32(rowBytes), nil)
        guard sqlite3_step(insert) == SQLITE_DONE else { throw ServerUnderTest.Failure.ended }
        sqlite3_reset(insert)
      }
      sqlite3_exec(database, "COMMIT", nil, nil, nil)
    }
    return Double(rows) / (Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
  }
}
