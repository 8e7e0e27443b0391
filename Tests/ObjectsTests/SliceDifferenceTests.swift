import Objects
import TestSupport
import Testing

@Suite struct SliceDifferenceTests {
  private static let pods = SnapshotTests.pods

  /// Over many random changes: what went and what came makes the one state of the other, and nothing else is named.
  @Test(arguments: [1, 2, 3, 4]) func tellsTheStatesApart(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var snapshot = Snapshot(
      revision: 1,
      objects: (0..<900).map { SnapshotTests.object(Self.pods, "n\($0 % 3)", "p\($0)", revision: 1) })
    var known = snapshot.objects(Self.pods, namespace: "n1").detached
    for round in 2..<120 {
      let changes = (0..<Int.random(in: 0..<40, using: &random)).map { _ -> Change in
        let number = Int.random(in: 0..<1200, using: &random)
        let object = SnapshotTests.object(Self.pods, "n\(number % 3)", "p\(number)", revision: Int64(round))
        let isRemoved = snapshot[object.key] != nil && Bool.random(using: &random)
        return Change(isRemoved ? .deleted : .modified, object)
      }
      snapshot = snapshot.applying(Dictionary(grouping: changes, by: \.key).compactMap(\.value.first))
      let slice = snapshot.objects(Self.pods, namespace: "n1")
      let (gone, come) = slice.difference(from: known)
      var states = Dictionary(uniqueKeysWithValues: known.map { ($0.key, $0) })
      for object in gone { #expect(states.removeValue(forKey: object.key) === object) }
      for object in come { #expect(states.updateValue(object, forKey: object.key) == nil) }
      #expect(states.count == slice.count)
      #expect(slice.allSatisfy { states[$0.key] === $0 })
      known = slice.detached
      #expect(known.elementsEqual(slice) { $0 === $1 })
    }
  }

  @Test func nothingHasNoDifference() {
    let slice = Snapshot(revision: 1, objects: [SnapshotTests.object(Self.pods, "a", "b", revision: 1)]).objects(
      Self.pods)
    #expect(ObjectSlice.none.difference(from: .none).come.isEmpty)
    #expect(slice.difference(from: .none).come.count == 1)
    #expect(ObjectSlice.none.difference(from: slice).gone.count == 1)
    #expect(slice.difference(from: slice).come.isEmpty)
  }
}
