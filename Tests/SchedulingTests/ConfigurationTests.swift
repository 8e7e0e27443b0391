import JSONCore
import Testing

@testable import Scheduling

@Suite struct ConfigurationTests {
  func read(_ fields: JSON) throws -> SchedulerConfiguration {
    var json = fields
    json["apiVersion"] = "kubescheduler.config.k8s.io/v1"
    json["kind"] = "KubeSchedulerConfiguration"
    return try SchedulerConfiguration(json: json)
  }

  @Test func profilesArePutTogether() throws {
    let configuration = try read([
      "percentageOfNodesToScore": 50, "podInitialBackoffSeconds": 2,
      "profiles": [
        ["schedulerName": "default-scheduler"],
        [
          "schedulerName": "packed",
          "plugins": [
            "score": [
              "disabled": [["name": "*"]], "enabled": [["name": "NodeResourcesFit", "weight": 5]],
            ],
            "filter": ["disabled": [["name": "TaintToleration"]]],
            "postFilter": ["disabled": [["name": "DefaultPreemption"]]],
          ],
          "pluginConfig": [
            [
              "name": "NodeResourcesFit",
              "args": [
                "scoringStrategy": ["type": "MostAllocated", "resources": [["name": "cpu", "weight": 3]]],
                "ignoredResourceGroups": ["example.com"],
              ],
            ],
            ["name": "InterPodAffinity", "args": ["hardPodAffinityWeight": 10]],
            [
              "name": "PodTopologySpread",
              "args": [
                "defaultingType": "List",
                "defaultConstraints": [
                  ["topologyKey": "zone", "maxSkew": 2, "whenUnsatisfiable": "ScheduleAnyway"]
                ],
              ],
            ],
          ],
        ],
      ],
    ])
    #expect(configuration.initialBackoff == .seconds(2))
    #expect(configuration.profiles.map(\.name) == ["default-scheduler", "packed"])
    let packed = configuration.profiles[1]
    #expect(packed.weights == [.nodeResourcesFit: 5])
    #expect(!packed.filters.contains(.taintToleration))
    #expect(!packed.preempts)
    #expect(packed.fitStrategy == .mostAllocated)
    #expect(packed.fitResources == [Profile.Share(name: "cpu", weight: 3)])
    #expect(packed.ignores(resource: "example.com/gpu"))
    #expect(packed.hardPodAffinityWeight == 10)
    #expect(packed.defaultSpread == [DefaultSpread(topologyKey: "zone", maxSkew: 2)])
    #expect(packed.percentageOfNodesToScore == 50)
  }

  @Test(
    arguments: [
      (["profiles": [["plugins": ["filter": ["enabled": [["name": "Nonsense"]]]]]]], "Nonsense"),
      (["profiles": [["plugins": ["sideways": [:]]]]], "sideways"),
      (["podInitialBackoffSeconds": 0], "podInitialBackoffSeconds"),
      (["percentageOfNodesToScore": 101], "percentageOfNodesToScore"),
      (["profiles": [["schedulerName": "a"], ["schedulerName": "a"]]], "twice"),
      (
        [
          "profiles": [
            ["pluginConfig": [["name": "NodeResourcesFit", "args": ["scoringStrategy": ["type": "Best"]]]]]
          ]
        ], "scoringStrategy.type"
      ),
    ] as [(JSON, String)])
  func mistakesAreNamed(_ json: JSON, _ word: String) {
    do {
      _ = try read(json)
      Issue.record("accepted")
    } catch {
      #expect("\(error)".contains(word))
    }
  }

  @Test func onlyTheRightKindIsRead() {
    #expect(throws: ConfigurationError.self) { try SchedulerConfiguration(json: ["kind": "Pod"]) }
  }

  @Test func disabledPluginsDoNotDecide() {
    var bench = Bench([makeNode("a", unschedulable: true)])
    #expect(bench.decide(makePod("p")).node == nil)
    bench.profile.filters.subtract(PluginSet(.nodeUnschedulable))
    #expect(bench.decide(makePod("p")).node == "a")
  }

  @Test func largeClustersAreSampled() {
    #expect(Profile.stock.sampleSize(50) == 50)
    #expect(Profile.stock.sampleSize(1000) == 420)
    #expect(Profile.stock.sampleSize(10_000) == 500)
    var profile = Profile.stock
    profile.percentageOfNodesToScore = 20
    #expect(profile.sampleSize(1000) == 200)
  }
}
