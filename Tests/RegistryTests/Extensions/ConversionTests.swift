import JSONCore
import Objects
import Testing

@testable import Registry

/// Custom resources whose versions a webhook turns into each other.
@Suite struct ConversionTests {
  private static func versions(storage: String) -> [JSON] {
    ["v1", "v2"].map { CustomResourceTests.version($0, isStorage: $0 == storage) }
  }

  /// In v2 sizes are ten times as large.
  private let caller = MutationTests.Caller { _, request in
    let version = request.text("desiredAPIVersion")
    let objects = request.list("objects").map { object in
      var result = object
      let size = object.at("spec", "size")?.int ?? 0
      result["apiVersion"] = .string(version)
      result["spec"] = ["size": JSON(version.hasSuffix("v2") ? size * 10 : size / 10)]
      return result
    }
    return ["result": ["status": "Success"], "convertedObjects": .array(objects)]
  }

  @Test func readsAndWritesGoThroughTheWebhook() async throws {
    var definition = CustomResourceTests.definition([:], versions: Self.versions(storage: "v2"))
    definition["spec", default: .emptyObject]["conversion"] = [
      "strategy": "Webhook",
      "webhook": ["conversionReviewVersions": ["v1"], "clientConfig": ["url": "https://127.0.0.1:1/convert"]],
    ]
    let test = try await CustomResourceTests.cluster(definition, webhooks: caller)
    let v1 = try CustomResourceTests.kind(test, "v1")
    let made = try await test.cluster.create(
      v1, namespace: "default", CustomResourceTests.widget(["size": 2]), test.options)
    #expect(made.object.json.at("spec", "size") == 2)
    #expect(try test.get(CustomResourceTests.widgets, "default", "w").at("spec", "size") == 20)
    let patched = try await test.cluster.patch(
      v1, namespace: "default", name: "w", Patch(.merge, ["spec": ["size": 3]]), test.options)
    #expect(patched.object.json.at("spec", "size") == 3)
    #expect(try await test.cluster.getLater(v1, namespace: "default", name: "w").json.at("spec", "size") == 3)
    #expect(try test.get(CustomResourceTests.widgets, "default", "w").at("spec", "size") == 30)
    let list = try await test.cluster.list(v1, namespace: nil, ListOptions())
    #expect(list.objects.first?.json.at("spec", "size") == 3)
    #expect(list.objects.first?.json.text("apiVersion") == "example.com/v1")
  }

  @Test func answersAreLookedAt() throws {
    let sent: [JSON] = [["apiVersion": "a/v1", "kind": "W", "metadata": ["name": "w", "generation": 3]]]
    func objects(_ response: JSON) throws -> [JSON] {
      try ConversionReview.objects(["response": response], for: sent, as: "a/v2", uid: "1")
    }
    let good: JSON = ["apiVersion": "a/v2", "kind": "W", "metadata": ["name": "w", "labels": ["x": "y"]]]
    let success: JSON = ["status": "Success"]
    let converted = try objects(["uid": "1", "result": success, "convertedObjects": [good]])
    #expect(converted[0]["metadata"] == ["name": "w", "generation": 3, "labels": ["x": "y"]])
    var other = good
    other["metadata"]?["name"] = "z"
    for bad: JSON in [
      .null, ["uid": "2", "result": success, "convertedObjects": [good]],
      ["uid": "1", "result": ["status": "Failure", "message": "no"], "convertedObjects": [good]],
      ["uid": "1", "result": success, "convertedObjects": []],
      ["uid": "1", "result": success, "convertedObjects": .array(sent)],
      ["uid": "1", "result": success, "convertedObjects": [other]],
    ] {
      #expect(throws: ConversionReview.Fault.self) { try objects(bad) }
    }
  }
}
