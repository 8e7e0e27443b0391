import JSONCore
import Objects
import Schemas
import Testing

@testable import Registry

@Suite struct ApplyLawsTests {
  private let names = ["a", "b", "c"]

  private func configuration(_ random: inout some RandomNumberGenerator) -> JSON {
    var containers: [JSON] = []
    for name in names.shuffled(using: &random) where containers.isEmpty || Bool.random(using: &random) {
      var container: JSON = ["name": .string(name), "image": .string("i:\(Int.random(in: 0..<3, using: &random))")]
      if Bool.random(using: &random) { container["ports"] = [["containerPort": 80]] }
      if Bool.random(using: &random) { container["args"] = ["x"] }
      containers.append(container)
    }
    return Samples.deployment(.array(containers), replicas: Int.random(in: 0..<3, using: &random))
  }

  @Test func applyingTwiceIsApplyingOnce() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<100 {
      var scene = try Scene("apps", "v1", "Deployment", "apps.v1.Deployment")
      for manager in ["m1", "m2", "m1", "m3", "m2"] {
        let object = configuration(&random)
        try scene.apply(manager, object, force: true)
        let once = scene.live
        try scene.apply(manager, object)
        #expect(scene.live == once)
        try everythingAppliedIsThere(object, in: scene)
      }
    }
  }

  /// What a manager applied is in the object with its values, and the manager owns it.
  private func everythingAppliedIsThere(_ object: JSON, in scene: Scene) throws {
    let live = try #require(scene.live)
    let merged = live.merged(with: object, scene.schema)
    #expect(try Samples.decoded(merged, scene.schema) == live)
    let owned = ManagedFields(of: live).entries.reduce(FieldSet()) { $0.union($1.fields) }
    #expect(FieldSet(of: object, scene.schema).subtracting(.untracked).subtracting(owned).isEmpty)
  }

  @Test func applierItemsKeepTheirOrder() throws {
    let schema = try Samples.schema("apps.v1.Deployment")
    func order(_ live: [String], _ applied: [String]) -> [String] {
      let list = { (names: [String]) in Samples.deployment(.array(names.map { ["name": .string($0)] })) }
      let merged = list(live).merged(with: list(applied), schema)
      return merged.at("spec", "template", "spec", "containers")?.array?.map { $0.text("name") } ?? []
    }
    #expect(order(["a", "b"], ["c"]) == ["a", "b", "c"])
    #expect(order(["a", "b", "c"], ["c", "a"]) == ["b", "c", "a"])
    #expect(order(["a", "b"], ["b", "a"]) == ["b", "a"])
    #expect(order(["x", "a", "y", "b"], ["a", "new", "b"]) == ["x", "a", "y", "new", "b"])
  }
}
