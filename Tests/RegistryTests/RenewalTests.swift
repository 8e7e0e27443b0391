import JSONCore
import Objects
import Testing
import Values

@testable import Registry

@Suite struct RenewalTests {
  let leases = GroupResource("coordination.k8s.io", "leases")

  private func lease(_ name: String, _ time: String) -> JSON {
    [
      "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": .string(name)],
      "spec": ["holderIdentity": .string(name), "leaseDurationSeconds": 40, "renewTime": .string(time)],
    ]
  }

  /// A spliced renewal is what the whole way of a patch would have made of the lease.
  @Test func isWhatAPatchWouldHaveWritten() async throws {
    let cluster = try await TestCluster(bootstraps: true)
    let kind = cluster.cluster.storedKind(leases)
    let options = WriteOptions(caller: .system("node:a"), fieldManager: "kubelet")
    for name in ["a", "b"] {
      _ = try await cluster.cluster.create(
        kind, namespace: "kube-node-lease", lease(name, "2026-01-01T00:00:00.000000Z"), options)
    }
    let (first, second) = (
      Key(leases, namespace: "kube-node-lease", name: "a"), Key(leases, namespace: "kube-node-lease", name: "b")
    )
    let missing = Key(leases, namespace: "kube-node-lease", name: "c")
    let now = cluster.cluster.now
    #expect(await cluster.cluster.renew([first, missing], at: now) == [missing])
    _ = try await cluster.cluster.patch(
      kind, namespace: second.namespace, name: second.name,
      Patch(.merge, ["spec": ["renewTime": .string(now.rfc3339Micro)]]), options)
    func content(_ key: Key) -> JSON? {
      var json = cluster.cluster.snapshot[key]?.json
      for field in ["name", "uid", "resourceVersion", "creationTimestamp"] { json?["metadata"]?[field] = nil }
      json?["spec"]?["holderIdentity"] = nil
      return json
    }
    #expect(content(first)?.at("spec", "renewTime")?.string == now.rfc3339Micro)
    #expect(content(first) == content(second))
    let stored = try #require(cluster.cluster.snapshot[first])
    #expect(stored.json["metadata"]?.text("resourceVersion") == String(stored.revision))
    #expect(stored.blob == stored.json.blob)
  }
}
