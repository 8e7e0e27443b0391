import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import Controllers

/// Services with very many pods.
@Suite struct EndpointsTests {
  private let now = Instant(rfc3339: "2026-01-02T00:00:00Z") ?? .epoch

  private func cluster(_ count: Int) -> Snapshot {
    let service = Object(fixture: [
      "kind": "Service", "metadata": ["name": "web"], "spec": ["selector": ["app": "web"], "ports": [["port": 80]]],
    ])
    let pods = (0..<count).map { number in
      Object(fixture: [
        "kind": "Pod", "metadata": ["name": .string("p\(number)"), "labels": ["app": "web"]],
        "status": ["phase": "Running", "podIP": .string("10.244.\(number / 250).\(number % 250 + 1)")],
      ])
    }
    return Snapshot(revision: 1, objects: pods + [service])
  }

  private func created(_ plan: Plan) -> [JSON] {
    plan.actions.compactMap { if case .create(_, let object) = $0.verb { object } else { nil } }
  }

  private let key = Key(.services, namespace: "default", name: "web")

  @Test func aSliceHoldsAHundred() {
    let slices = created(EndpointSliceController().reconcile(key, cluster(250), now))
    #expect(slices.map { $0.list("endpoints").count } == [100, 100, 50])
  }

  @Test func endpointsHoldAThousandAndSaySo() {
    let objects = created(EndpointsController().reconcile(key, cluster(1001), now))
    #expect(objects.first?.list("subsets").first?.list("notReadyAddresses").count == 1000)
    #expect(objects.first?.annotation("endpoints.kubernetes.io/over-capacity") == "truncated")
    let few = created(EndpointsController().reconcile(key, cluster(3), now))
    #expect(few.first?.annotation("endpoints.kubernetes.io/over-capacity") == nil)
  }
}
