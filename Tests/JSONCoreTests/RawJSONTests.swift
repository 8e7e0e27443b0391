import JSONCore
import TestSupport
import Testing
import Values

@Suite struct RawJSONTests {
  @Test func valuesEndWhereTheyWereWritten() {
    var random = SeededRandom(seed: 4)
    for _ in 0..<2_000 {
      let value = RandomJSON.value(&random, depth: 5)
      let text = value.text
      Array((text + ",\"more\":[{}]}").utf8).withUnsafeBufferPointer { bytes in
        #expect(String(decoding: RawJSON(bytes).bytes, as: UTF8.self) == text)
      }
    }
  }

  @Test(arguments: 0..<140) func escapesAndBracesAreFoundAcrossBlocks(padding: Int) {
    let space = String(repeating: "x", count: padding)
    let value: JSON = ["\(space)\\": ["}\"]\\", "\\\\\"{", [:]], "z": [[[]]]]
    Array((value.text + "}").utf8).withUnsafeBufferPointer { bytes in
      #expect(RawJSON(bytes).bytes.count == bytes.count - 1)
    }
  }

  @Test func anObjectFindsItsMembersWhateverTheirLengths() {
    let keys = ["", "a", "abcdefg", "abcdefgh", "abcdefgh\0", "abcdefghi", "abcdefghij", "b", "é", "ééééé", "éééééé"]
    var object: JSON = [:]
    for (index, key) in keys.enumerated().reversed() { object[key] = JSON(index) }
    for (index, key) in keys.enumerated() { #expect(object[key]?.int == index) }
    for key in ["abcdefgi", "abcdefghik", "ab", "\0", "éé"] { #expect(object[key] == nil) }
    #expect(object.object?.allKeys == keys)
  }

  @Test func whatABodyRepeatsOfAStoredObjectIsNotReadAgain() throws {
    let long = String(repeating: "long ", count: 30)
    var object: JSON = [
      "metadata": ["name": "x", "managedFields": [["fieldsV1": ["f:spec": ["f:\(long)": [:]]]]]],
      "spec": ["text": .string(long)], "status": ["text": .string(long)],
    ]
    let known = JSON.unreadParts(of: object.blob)
    #expect(known.count == 3)
    object["status"]?["text"] = "changed"
    let bytes = Array(object.text.utf8)
    var duplicates: [String] = []
    let read = try bytes.withUnsafeBufferPointer { try JSON.parse($0, known: known, duplicates: &duplicates) }
    #expect(read == object)
    #expect(read.object?.unread("spec") != nil)
    #expect(read.object?.unread("status") == nil)
  }
}
