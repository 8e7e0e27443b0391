import EventLoops
import JSONCore
import Objects
import Reconciling
import Testing
import Values

@Suite struct TimeTests {
  static func cronJob(_ name: String, _ schedule: String, zone: String? = nil) -> JSON {
    var object: JSON = [
      "apiVersion": "batch/v1", "kind": "CronJob", "metadata": ["name": .string(name)],
      "spec": [
        "schedule": .string(schedule),
        "jobTemplate": [
          "spec": [
            "template": [
              "spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "busybox"]]]
            ]
          ]
        ],
      ],
    ]
    if let zone { object["spec"]?["timeZone"] = .string(zone) }
    return object
  }

  /// The Jobs that were made, in order, by the times they were meant for.
  static func times(_ simulation: Simulation) -> [String] {
    simulation.log.filter { $0.hasPrefix("added") && $0.contains("\"kind\":\"Job\"") }.compactMap { line in
      guard let start = line.firstIndex(of: "{") else { return nil }
      return try? JSON.parse(Array(line[start...].utf8)).annotation("batch.kubernetes.io/cronjob-scheduled-timestamp")
    }
  }

  @Test func anHourlyCronJobRunsThroughADay() async throws {
    let simulation = try await Simulation(nodes: 1)
    try await simulation.create(Self.cronJob("report", "@hourly"))
    await simulation.advance(.seconds(24 * 3600 + 60))
    let hours = (1...24).map { (Simulation.start + .seconds($0 * 3600)).rfc3339 }
    #expect(Self.times(simulation) == hours)
    // The limit of its history.
    #expect(simulation.cluster.snapshot.count(.jobs) == 3)
    let lost = simulation.log.filter { $0.contains("\"kind\":\"Node\"") && $0.contains("NodeStatusUnknown") }
    #expect(lost.isEmpty)
    await simulation.close()
  }

  /// Berlin, 2026: the clocks go from 2 to 3 on March 29, and from 3 to 2 on October 25.
  @Test(arguments: [
    (
      "2026-03-28T00:00:00Z",
      ["2026-03-28T02:30:00+01:00", "2026-03-30T02:30:00+02:00"]
    ),
    (
      "2026-10-24T12:00:00Z",
      [
        "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00",
        "2026-10-27T02:30:00+01:00",
      ]
    ),
  ])
  func aCronJobGoesByTheClocksOfItsZone(_ from: String, _ expected: [String]) async throws {
    let simulation = try await Simulation(nodes: 1, start: try #require(Instant(rfc3339: from)))
    try await simulation.create(Self.cronJob("night", "30 2 * * *", zone: "Europe/Berlin"))
    await simulation.advance(.seconds(3 * 86400))
    #expect(Self.times(simulation) == expected)
    await simulation.close()
  }
}
