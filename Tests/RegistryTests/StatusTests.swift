import JSONCore
import Objects
import Testing

@testable import Registry

/// Statuses that come as a whole from controllers and nodes.
@Suite struct StatusTests {
  private func write(
    _ test: TestCluster, _ seen: Object, _ status: JSON, isExact: Bool = false
  ) async throws(Status) -> JSON {
    let change = StatusChange(of: seen, from: seen.json["status"] ?? .emptyObject, to: status, isExact: isExact)
    return try await test.cluster.writeStatus(test.kind("pods"), change, test.options).object.json
  }

  private func pod(_ test: TestCluster) async throws -> Object {
    try await test.create("pods", "default", TestCluster.pod("p"))
    return try test.cluster.get(test.kind("pods"), namespace: "default", name: "p")
  }

  @Test func writesWhatThePatchWouldWrite() async throws {
    var written: [JSON] = []
    for isWhole in [true, false] {
      let test = try await TestCluster()
      let seen = try await pod(test)
      var status = seen.json["status"]
      status?["podIP"] = "10.0.0.1"
      status?["conditions"] = [["type": "Ready", "status": "True", "lastProbeTime": .null]]
      let new = try #require(status)
      if isWhole {
        written.append(try await write(test, seen, new))
      } else {
        let patch = StatusChange(of: seen, from: seen.json["status"] ?? .emptyObject, to: new, isExact: false).patch
        written.append(try await test.patch("pods", "default", "p", "status", patch))
      }
    }
    #expect(written[0].text == written[1].text)
  }

  @Test func keepsWhatOthersWroteMeanwhile() async throws {
    let test = try await TestCluster()
    let seen = try await pod(test)
    try await test.patch("pods", "default", "p", "status", ["status": ["nominatedNodeName": "n"]])
    var status = seen.json["status"]
    status?["message"] = "mine"
    let new = try #require(status)
    let written = try await write(test, seen, new)
    #expect(written["status"]?.text("nominatedNodeName") == "n")
    #expect(written["status"]?.text("message") == "mine")
    await #expect(throws: Status.self) { try await write(test, seen, new, isExact: true) }
  }

  @Test func leavesANamesakeAlone() async throws {
    let test = try await TestCluster()
    let seen = try await pod(test)
    try await test.delete("pods", "default", "p")
    try await test.create("pods", "default", TestCluster.pod("p"))
    do {
      _ = try await write(test, seen, ["phase": "Running"])
      Issue.record("it was written")
    } catch {
      #expect(error.code == 409)
    }
  }
}
