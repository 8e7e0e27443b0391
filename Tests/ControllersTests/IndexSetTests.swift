import Testing

@testable import Controllers

@Suite struct IndexSetTests {
  @Test(arguments: [("0,2-4", [0, 2, 3, 4]), ("", []), ("7", [7]), ("1,2", [1, 2])])
  func compactIndexes(_ text: String, _ indexes: [Int]) {
    let set = IndexSet(text, limit: 100)
    #expect(set.indexes.sorted() == indexes)
    #expect(set.description == text)
  }
}
