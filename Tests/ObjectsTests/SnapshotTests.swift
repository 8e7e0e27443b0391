import JSONCore
import Objects
import TestSupport
import Testing

@Suite struct SnapshotTests {
  static let pods = GroupResource("", "pods")
  static let nodes = GroupResource("", "nodes")

  static func object(
    _ resource: GroupResource, _ namespace: String, _ name: String, revision: Int64, labels: [String: String] = [:],
    uid: String? = nil, owners: [String] = []
  ) -> Object {
    let json: JSON = [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": [
        "labels": JSON(labels), "name": JSON(name), "namespace": JSON(namespace),
        "ownerReferences": .array(owners.map { ["uid": JSON($0)] }),
        "resourceVersion": JSON("\(revision)"), "uid": JSON(uid ?? "\(namespace)-\(name)"),
      ],
    ]
    return Object(key: Key(resource, namespace: namespace, name: name), revision: revision, blob: json.blob)
  }

  @Test func readsMetadata() {
    let object = Self.object(Self.pods, "a", "b", revision: 7, labels: ["y": "\"q\"", "x": "1"], owners: ["o1", "o2"])
    #expect(object.uid == "a-b")
    #expect(object.labels == Labels([("x", "1"), ("y", "\"q\"")]))
    #expect(object.owners == ["o1", "o2"])
  }

  @Test func findsItsParts() {
    let json: JSON = [
      "apiVersion": "v1", "data": ["spec": "no"], "kind": "Pod",
      "metadata": ["name": "p", "ownerReferences": [["uid": "o1"], ["controller": true, "uid": "o2"]], "uid": "u"],
      "spec": ["nodeName": "n"], "status": ["phase": "Running"],
    ]
    let made = Draft(key: Key(Self.pods, namespace: "a", name: "p"), json: json).object(revision: 1_234)
    let gone = Draft(of: made).object(revision: 99_999_999)
    for object in [made, gone, Object(key: made.key, revision: 1_234, blob: made.blob)] {
      #expect(object.metadata?.member("uid")?.string == "u")
      #expect(object.spec?.member("nodeName")?.string == "n")
      #expect(object.status?.member("phase")?.string == "Running")
      #expect(object.controller == "o2")
    }
    #expect(gone.json.at("metadata", "resourceVersion") == "99999999")
    #expect(Self.object(Self.pods, "a", "b", revision: 7).spec == nil)
  }

  @Test func pagesThroughAList() {
    let all = (0..<1000).map { Self.object(Self.pods, "n\($0 % 3)", "p\($0)", revision: Int64($0 + 1)) }
    let snapshot = Snapshot(revision: 1000, objects: all)
    var seen: [Key] = []
    var rest = snapshot.objects(Self.pods)
    while let last = rest.prefix(70).last {
      seen += rest.prefix(70).map(\.key)
      rest = rest.suffix(after: last.namespace, last.name)
    }
    #expect(seen == all.map(\.key).sorted(by: Key.precedes))
    #expect(snapshot.objects(Self.pods, namespace: "n1").suffix(after: "n0", "p3").count == 333)
    #expect(snapshot.objects(Self.pods, namespace: "n1").suffix(after: "n2", "p3").isEmpty)
    #expect(snapshot.objects(Self.nodes).isEmpty)
    #expect(snapshot.resources == [Self.pods])
  }

  @Test func lastChangeOfAKeyWins() {
    let first = Self.object(Self.pods, "a", "b", revision: 1)
    let second = Self.object(Self.pods, "a", "b", revision: 2)
    let snapshot = Snapshot.empty.applying([Change(.added, first), Change(.modified, second, previous: first)])
    #expect(snapshot.revision == 2)
    #expect(snapshot[first.key]?.revision == 2)
    let gone = snapshot.applying([Change(.deleted, Self.object(Self.pods, "a", "b", revision: 3), previous: second)])
    #expect(gone[first.key] == nil && gone.object(uid: "a-b") == nil && gone.resources.isEmpty)
    #expect(snapshot[first.key] === second)
  }

  /// Random batches against a dictionary: every way of reading must agree with it, and old snapshots must not change.
  @Test(arguments: [UInt64(1), 2, 3])
  func agreesWithADictionary(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var model: [Key: Object] = [:]
    var snapshot = Snapshot.empty
    var older: (snapshot: Snapshot, model: [Key: Object])?
    for round in 0..<120 {
      var changes: [Change] = []
      let growing = round < 60
      for _ in 0..<[1, 1, 7, 90, 700].randomElement(using: &random)! {
        let key = Key(
          Bool.random(using: &random) ? Self.pods : Self.nodes, namespace: "n\(Int.random(in: 0..<3, using: &random))",
          name: "p\(Int.random(in: 0..<2500, using: &random))")
        let revision = snapshot.revision + Int64(changes.count) + 1
        if Int.random(in: 0..<10, using: &random) < (growing ? 2 : 8) {
          guard let previous = model.removeValue(forKey: key) else { continue }
          changes.append(
            Change(.deleted, Object(key: key, revision: revision, blob: previous.blob), previous: previous))
        } else {
          let object = Self.object(
            key.resource, key.namespace, key.name, revision: revision,
            labels: ["app": "a\(Int.random(in: 0..<20, using: &random))"],
            uid: "\(key)-\(Int.random(in: 0..<2, using: &random))",
            owners: Bool.random(using: &random) ? ["o\(Int.random(in: 0..<40, using: &random))"] : [])
          let previous = model.updateValue(object, forKey: key)
          changes.append(Change(previous == nil ? .added : .modified, object, previous: previous))
        }
      }
      snapshot = snapshot.applying(changes)
      if round % 20 == 19 {
        check(snapshot, model)
        if let older { check(older.snapshot, older.model) }
        older = (snapshot, model)
      }
    }
  }

  private func check(_ snapshot: Snapshot, _ model: [Key: Object]) {
    for resource in [Self.pods, Self.nodes] {
      let expected = model.values.filter { $0.key.resource == resource }.sorted { Key.precedes($0.key, $1.key) }
      let slice = snapshot.objects(resource)
      #expect(slice.count == expected.count)
      #expect(slice.elementsEqual(expected) { $0 === $1 })
      #expect(slice.indices.allSatisfy { slice[$0] === expected[$0] })
      #expect(
        snapshot.objects(resource, namespace: "n1").elementsEqual(expected.filter { $0.namespace == "n1" }) {
          $0 === $1
        })
      let selector = LabelSelector(labels: ["app": "a3"])
      let matching = expected.filter { $0.labels["app"] == "a3" && $0.namespace == "n2" }
      #expect(snapshot.objects(resource, namespace: "n2", matching: selector).elementsEqual(matching) { $0 === $1 })
    }
    #expect(model.allSatisfy { snapshot[$0.key] === $0.value && snapshot.object(uid: $0.value.uid) === $0.value })
    for owner in ["o1", "o2"] {
      let expected = Set(model.values.filter { $0.owners == [owner] }.map(\.key))
      #expect(Set(snapshot.dependents(of: owner).map(\.key)) == expected)
    }
  }
}
