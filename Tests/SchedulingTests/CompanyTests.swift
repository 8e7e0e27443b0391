import JSONCore
import Objects
import Reconciling
import Testing

@testable import Scheduling

@Suite struct CompanyTests {
  func term(_ app: String, _ key: String = "kubernetes.io/hostname", more: JSON = [:]) -> JSON {
    var term = more
    term["topologyKey"] = .string(key)
    if term["labelSelector"] == nil { term["labelSelector"] = ["matchLabels": ["app": .string(app)]] }
    return term
  }

  func hard(_ kind: String, _ terms: JSON...) -> JSON {
    [
      "affinity": [kind: ["requiredDuringSchedulingIgnoredDuringExecution": .array(terms)]]
    ]
  }

  func soft(_ kind: String, _ weight: Int, _ term: JSON) -> JSON {
    [
      "affinity": [
        kind: [
          "preferredDuringSchedulingIgnoredDuringExecution": [["weight": JSON(weight), "podAffinityTerm": term]]
        ]
      ]
    ]
  }

  let zones = [
    makeNode("a", labels: ["zone": "x"]), makeNode("b", labels: ["zone": "x"]), makeNode("c", labels: ["zone": "y"]),
  ]

  @Test func antiAffinityAllowsOnePodANode() {
    let spec = hard("podAntiAffinity", term("w"))
    let nodes = [makeNode("a"), makeNode("b")]
    let first = makePod("1", labels: ["app": "w"], spec: spec, node: "a")
    #expect(decide(makePod("2", labels: ["app": "w"], spec: spec), nodes + [first]).node == "b")
    let second = makePod("2", labels: ["app": "w"], spec: spec, node: "b")
    let third = decide(makePod("3", labels: ["app": "w"], spec: spec), nodes + [first, second])
    #expect(third.message == "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.")
    // A pod without such wishes is kept away as well.
    let plain = decide(makePod("4", labels: ["app": "w"]), nodes + [first, second])
    #expect(plain.message == "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules.")
    #expect(plain.words("a") == "a pod in kubernetes.io/hostname=a keeps pods like this one away")
    #expect(decide(makePod("5", labels: ["app": "v"]), nodes + [first, second]).node != nil)
  }

  @Test func affinityAsksForCompanyInTheZone() {
    let spec = hard("podAffinity", term("db", "zone"))
    let database = makePod("db", labels: ["app": "db"], node: "a")
    let verdict = decide(makePod("p", spec: spec), zones + [database])
    #expect(["a", "b"].contains(verdict.node))
    #expect(verdict.refuser("c") == .interPodAffinity)
    #expect(decide(makePod("p", spec: spec), zones).node == nil)
    // A term about a label that nodes lack is met nowhere.
    let elsewhere = hard("podAffinity", term("db", "rack"))
    #expect(
      decide(makePod("p", spec: elsewhere), zones + [database]).message
        == "0/3 nodes are available: 3 node(s) didn't match pod affinity rules.")
  }

  @Test func theFirstOfItsKindMayStartAnywhere() {
    let spec = hard("podAffinity", term("w", "zone"))
    #expect(decide(makePod("p", labels: ["app": "w"], spec: spec), zones).node != nil)
    #expect(decide(makePod("p", labels: ["app": "v"], spec: spec), zones).node == nil)
    let other = makePod("o", labels: ["app": "w"], node: "c")
    #expect(decide(makePod("p", labels: ["app": "w"], spec: spec), zones + [other]).node == "c")
  }

  @Test func allTermsMustBeMetByTheSamePod() {
    let spec = hard(
      "podAffinity", term("db", "zone"),
      term("", "zone", more: ["labelSelector": ["matchLabels": ["tier": "back"]]]))
    let half = [
      makePod("1", labels: ["app": "db"], node: "a"), makePod("2", labels: ["tier": "back"], node: "a"),
    ]
    #expect(decide(makePod("p", spec: spec), zones + half).node == nil)
    let whole = makePod("3", labels: ["app": "db", "tier": "back"], node: "c")
    #expect(decide(makePod("p", spec: spec), zones + half + [whole]).node == "c")
  }

  @Test func termsMeanTheirOwnNamespaceUnlessTheySayOtherwise() {
    let elsewhere = makePod("1", labels: ["app": "db"], node: "c", namespace: "data")
    func node(_ more: JSON, _ namespaces: [Object] = []) -> String? {
      decide(makePod("p", spec: hard("podAffinity", term("db", more: more))), zones + [elsewhere] + namespaces).node
    }
    let named = makeObject(.namespaces, "data", ["metadata": ["labels": ["team": "blue"]]])
    #expect(node([:]) == nil)
    #expect(node(["namespaces": ["data"]]) == "c")
    #expect(node(["namespaceSelector": [:]]) == "c")
    #expect(node(["namespaceSelector": ["matchLabels": ["team": "blue"]]], [named]) == "c")
    #expect(node(["namespaceSelector": ["matchLabels": ["team": "red"]]], [named]) == nil)
    #expect(node(["namespaceSelector": ["matchLabels": ["team": "red"]], "namespaces": ["data"]], [named]) == "c")
  }

  @Test func aNamespaceThatChangesItsLabelsIsSeen() {
    let elsewhere = makePod("1", labels: ["app": "db"], node: "c", namespace: "data")
    var bench = Bench(zones + [elsewhere])
    let more: JSON = ["namespaceSelector": ["matchLabels": ["team": "blue"]]]
    let pod = makePod("p", spec: hard("podAffinity", term("db", more: more)))
    #expect(bench.decide(pod).node == nil)
    let isSeen = bench.view.setNamespace("data", Labels([("team", "blue")]))
    #expect(isSeen)
    #expect(bench.decide(pod).node == "c")
    _ = bench.view.setNamespace("data", nil)
    #expect(bench.decide(pod).node == nil)
  }

  @Test func keysThatMustMatchNarrowTheSelector() {
    let more: JSON = ["matchLabelKeys": ["version"]]
    let spec = hard("podAntiAffinity", term("w", more: more))
    let old = makePod("1", labels: ["app": "w", "version": "1"], node: "a")
    let nodes = [makeNode("a")]
    #expect(decide(makePod("2", labels: ["app": "w", "version": "2"], spec: spec), nodes + [old]).node == "a")
    #expect(decide(makePod("2", labels: ["app": "w", "version": "1"], spec: spec), nodes + [old]).node == nil)
    let mismatch = hard("podAntiAffinity", term("w", more: ["mismatchLabelKeys": ["version"]]))
    #expect(decide(makePod("2", labels: ["app": "w", "version": "2"], spec: mismatch), nodes + [old]).node == nil)
    #expect(decide(makePod("2", labels: ["app": "w", "version": "1"], spec: mismatch), nodes + [old]).node == "a")
  }

  @Test func wishesAreWeighed() {
    let database = makePod("db", labels: ["app": "db"], node: "c")
    #expect(decide(makePod("p", spec: soft("podAffinity", 100, term("db"))), zones + [database]).node == "c")
    let away = decide(makePod("p", spec: soft("podAntiAffinity", 100, term("db", "zone"))), zones + [database])
    #expect(away.node != "c")
  }

  @Test func wishesOfPlacedPodsCountForNewcomers() {
    let fond = makePod("1", spec: soft("podAffinity", 50, term("w")), node: "c")
    #expect(decide(makePod("p", labels: ["app": "w"]), zones + [fond]).node == "c")
    let averse = [
      makePod("2", spec: soft("podAntiAffinity", 50, term("w")), node: "a"),
      makePod("3", spec: soft("podAntiAffinity", 50, term("w")), node: "b"),
    ]
    #expect(decide(makePod("p", labels: ["app": "w"]), zones + averse).node == "c")
    // What a placed pod requires counts as much as the profile says.
    let needy = makePod("4", labels: ["app": "w"], spec: hard("podAffinity", term("w")), node: "c")
    #expect(decide(makePod("p", labels: ["app": "w"]), zones + [needy]).node == "c")
    var bench = Bench(zones + [fond])
    bench.profile.ignoresPreferencesOfPlacedPods = true
    #expect(bench.decide(makePod("p", labels: ["app": "w"])).node == "a")
  }

  @Test func groupsWithoutPodsAreForgottenWhenThereAreMany() {
    var census = Census()
    let pods = (0..<3000).map { PodNeeds(makePod("p\($0)", labels: ["pod-name": .string("p\($0)")], node: "a")) }
    for pod in pods { census.add(pod, isLeaving: false, times: 1, at: 0) }
    #expect(census.groups.count == 3000)
    #expect(census.emptyGroups == 0)
    for pod in pods.prefix(2500) { census.add(pod, isLeaving: false, times: -1, at: 0) }
    #expect(census.emptyGroups == 2500)
    census.add(PodNeeds(makePod("new", labels: ["pod-name": "new"])), isLeaving: false, times: 1, at: 0)
    #expect(census.groups.count == 501)
    #expect(census.emptyGroups == 0)
  }
}
