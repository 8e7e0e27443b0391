import CSQLite
import Foundation

/// Writes of every kind, durable, at several numbers in flight.
enum WriteBenchmarks {
  struct Kind: Sendable {
    var name: String
    var stock: String
    var request: @Sendable (Int) -> LoadClient.Request
  }

  static let pods = "/api/v1/namespaces/default/pods"

  static let kinds = [
    Kind(name: "create", stock: "1.25 ms") { index in
      LoadClient.Request(method: "POST", path: pods, body: Samples.pod("new-\(index)-\(UInt32.random(in: 0 ... .max))"))
    },
    Kind(name: "update", stock: "1.6 ms") { index in
      LoadClient.Request(
        method: "PUT", path: "\(pods)/pod-\(index % 200)",
        body: Samples.pod("pod-\(index % 200)", labels: #""app":"web","round":"\#(index)""#))
    },
    Kind(name: "merge patch", stock: "1.6 ms") { index in
      LoadClient.Request(
        method: "PATCH", path: "\(pods)/pod-\(index % 200)", contentType: "application/merge-patch+json",
        body: Array(#"{"metadata":{"annotations":{"round":"m\#(index)"}}}"#.utf8))
    },
    Kind(name: "strategic patch", stock: "3.8 ms") { index in
      LoadClient.Request(
        method: "PATCH", path: "\(pods)/pod-\(index % 200)/status",
        contentType: "application/strategic-merge-patch+json",
        body: Array(
          #"{"status":{"conditions":[{"type":"Bench","status":"True","message":"round \#(index)"}]}}"#.utf8))
    },
    Kind(name: "apply", stock: "2.3 ms") { index in
      LoadClient.Request(
        method: "PATCH",
        path: "/api/v1/namespaces/default/configmaps/applied-\(index % 200)?fieldManager=bench&force=true",
        contentType: "application/apply-patch+yaml",
        body: Array(
          #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"applied-\#(index % 200)"},"data":{"round":"\#(index)"}}"#
            .utf8))
    },
  ]

  @Sendable static func measure(_ binary: String, _ report: Report) throws {
    let server = try ServerUnderTest(binary, ["--nodes", "0"])
    defer { server.stop() }
    let client = try LoadClient(port: server.port)
    try client.run(200, inFlight: 64) { index in
      LoadClient.Request(method: "POST", path: pods, body: Samples.pod("pod-\(index)"))
    }
    for kind in kinds {
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
    let value = [UInt8](repeating: 65, count: rowBytes)
    let start = DispatchTime.now().uptimeNanoseconds
    for first in stride(from: 1, through: rows, by: batch) {
      sqlite3_exec(database, "BEGIN", nil, nil, nil)
      for row in first..<min(first + batch, rows + 1) {
        sqlite3_bind_int64(insert, 1, Int64(row))
        sqlite3_bind_blob(insert, 2, value, 40, nil)
        sqlite3_bind_blob(insert, 3, value, Int32(value.count), nil)
        guard sqlite3_step(insert) == SQLITE_DONE else { throw ServerUnderTest.Failure.ended }
        sqlite3_reset(insert)
      }
      sqlite3_exec(database, "COMMIT", nil, nil, nil)
    }
    return Double(rows) / (Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
  }
}
