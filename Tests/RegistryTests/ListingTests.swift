import JSONCore
import Objects
import Testing

@testable import Registry

@Suite struct ListingTests {
  @Test func pagesShowOneState() async throws {
    let test = try await TestCluster()
    for name in ["a", "b", "c", "d"] {
      try await test.create("secrets", "default", ["metadata": ["name": .string(name)]])
    }
    let kind = test.kind("secrets")
    let first = try await test.cluster.list(kind, namespace: "default", ListOptions(limit: 2))
    #expect(first.objects.map(\.name) == ["a", "b"])
    #expect(first.remainingItemCount == 2)
    try await test.delete("secrets", "default", "c")
    let token = try #require(first.continueToken)
    let second = try await test.cluster.list(kind, namespace: "default", ListOptions(limit: 2, continueToken: token))
    #expect(second.objects.map(\.name) == ["c", "d"])
    #expect(second.revision == first.revision)
    #expect(second.continueToken == nil)
  }

  @Test func badTokensAreToldApart() async throws {
    let test = try await TestCluster()
    let error = await #expect(throws: Status.self) {
      try await test.cluster.list(
        test.kind("secrets"), namespace: "default",
        ListOptions(continueToken: "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiIn0"))
    }
    #expect(
      error?.message
        == "invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)")
  }

  @Test func fieldsSelect() async throws {
    let test = try await TestCluster()
    for name in ["p", "q"] { try await test.create("pods", "default", TestCluster.pod(name)) }
    try await test.patch("pods", "default", "q", "status", ["status": ["phase": "Running"]])
    func names(_ selector: String) async throws -> [String] {
      try await test.cluster.list(
        test.kind("pods"), namespace: nil, ListOptions(fields: try FieldSelector(parsing: selector))
      ).objects.map(\.name)
    }
    #expect(try await names("status.phase=Running") == ["q"])
    #expect(try await names("status.phase!=Running") == ["p"])
    #expect(try await names("metadata.name=p,metadata.namespace=default") == ["p"])
    #expect(try await names("spec.hostNetwork=false") == ["p", "q"])
    let error = await #expect(throws: Status.self) { try await names("spec.nope=x") }
    #expect(error?.message == "field label not supported: spec.nope")
  }

  @Test func optionsThatContradictEachOtherAreRefused() async throws {
    let test = try await TestCluster()
    for options in [
      ListOptions(resourceVersionMatch: "Exact"), ListOptions(resourceVersion: "0", resourceVersionMatch: "Exact"),
      ListOptions(resourceVersion: "5", resourceVersionMatch: "Never"),
    ] {
      let error = await #expect(throws: Status.self) {
        try await test.cluster.list(test.kind("pods"), namespace: nil, options)
      }
      #expect(error?.code == 422)
    }
    let watch = #expect(throws: Status.self) {
      try test.cluster.watch(test.kind("pods"), namespace: nil, WatchOptions(sendsInitialEvents: true))
    }
    #expect(watch?.code == 422)
  }

  @Test func aWatchStartsWithThePresentState() async throws {
    let test = try await TestCluster()
    try await test.create("secrets", "default", ["metadata": ["name": "a"]])
    let subscription = try test.cluster.watch(test.kind("secrets"), namespace: "default", WatchOptions())
    #expect(subscription.next()?.object?.name == "a")
    #expect(subscription.next() == nil)
    try await test.create("secrets", "default", ["metadata": ["name": "b"]])
    #expect(subscription.next()?.object?.name == "b")
  }
}
