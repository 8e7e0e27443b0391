import Testing

@testable import Controllers

@Suite struct IndexSetTests {
  @Test(arguments: [("0,2-4", [0, 2, 3, 4]), ("", []), ("7", [7]), ("1,2", [1, 2])])
  func compactIndexes(_ text: String, _ indexes: [Int]) {
    let set = IndexSet(text, limit: 100)
    #expect(set.runs.flatMap { Array($0) } == indexes)
    #expect(set.count == indexes.count)
    #expect(set.description == text)
  }

  @Test func insertionsInAnyOrderAreTheSame() {
    var set = IndexSet()
    for index in [5, 3, 4, 0, 9, 8, 1, 3] { set.insert(index) }
    #expect(set.description == "0,1,3-5,8,9")
    #expect(set.contains(4) && !set.contains(2) && !set.contains(10))
  }

  @Test func whatIsBeyondTheLimitIsLeftOut() {
    #expect(IndexSet("0-9,12", limit: 3).description == "0-2")
    #expect(IndexSet("0-4", limit: 9).overlap(with: IndexSet("1,3-8", limit: 9)) == 3)
  }

  @Test func freeIndexesComeInOrder() {
    let set = IndexSet("1,3-5,8", limit: 10)
    #expect(set.missing(4, below: 10) == [0, 2, 6, 7])
    #expect(set.missing(9, below: 10) == [0, 2, 6, 7, 9])
    #expect(set.missing(9, below: 4) == [0, 2])
    #expect(IndexSet().missing(2, below: 5) == [0, 1])
    #expect(IndexSet("0-4", limit: 5).missing(2, below: 5).isEmpty)
  }
}
