import EventLoops
import JSONCore
import Objects
import Reconciling
import Testing
import Values

#if canImport(Glibc)
  import Glibc
#endif

/// How fast pods come up; run with SWIFTLET_MEASURE=1 and in release, for the numbers mean nothing otherwise.
@Suite struct ThroughputTests {
  @Test(.enabled(if: environment("SWIFTLET_MEASURE") != nil)) func aThousandPodsOnAHundredNodes() async throws {
    let living = try await LivingCluster(nodes: 100)
    let clock = SystemClock()
    let start = clock.now
    try await living.create(WorkloadTests.deployment("web", replicas: 1000))
    let key = Key(.deployments, namespace: "default", name: "web")
    let isReady = await living.wait(60) { $0[key]?.json.at("status", "readyReplicas") == 1000 }
    #expect(isReady)
    let took = (clock.now - start).inSeconds
    Issue.record("1000 pods in \(took) s: \(1000 / took) a second, revision \(living.cluster.snapshot.revision)")
    await living.close()
  }
}

func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
