import Dispatch
import JSONCore
import TestSupport
import Testing
import Values

@Suite struct JSONCodecTests {
  @Test func randomValuesSurviveTheRoundTrip() throws {
    var random = SeededRandom(seed: 1)
    for _ in 0..<2_000 {
      let value = RandomJSON.value(&random, depth: 5)
      #expect(try JSON.parse(value.blob) == value)
      var pretty = ByteBuffer()
      value.writePretty(to: &pretty)
      #expect(try JSON.parse(pretty.bytes) == value)
    }
  }

  /// Each of them is put in front of those before; one that copied all others would take minutes.
  @Test(.timeLimit(.minutes(10))) func manyKeysInFallingOrderAreReadAtOnce() throws {
    let keys = (0..<50_000).reversed().map { "key-\(String($0 + 100_000))" }
    let json = try JSON.parse(Array("{\(keys.map { "\"\($0)\":1" }.joined(separator: ","))}".utf8))
    #expect(json.object?.count == keys.count)
    #expect(json["key-100000"] == 1 && json["key-149999"] == 1)
  }

  @Test func changesOfACopyLeaveTheOriginalAlone() throws {
    let original = try JSON.parse(Array(#"{"a":{"b":1},"c":2}"#.utf8))
    var copy = original
    copy["a"]?["b"] = 3
    copy["d"] = 4
    copy["c"] = nil
    copy["e"] = 5
    #expect(original == ["a": ["b": 1], "c": 2])
    #expect(copy == ["a": ["b": 3], "d": 4, "e": 5])
  }

  @Test func randomBytesNeverCrash() {
    var random = SeededRandom(seed: 2)
    let alphabet = Array("{}[]\",:\\u0019dDeE+-.truefalsn \n\u{FF}é".utf8) + [0, 0x80, 0xC0, 0xED, 0xFF]
    for _ in 0..<20_000 {
      let length = Int.random(in: 0..<40, using: &random)
      _ = try? JSON.parse((0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 })
    }
  }

  @Test func damagedDocumentsNeverCrash() {
    var random = SeededRandom(seed: 3)
    for _ in 0..<2_000 {
      var bytes = Array(RandomJSON.value(&random, depth: 4).text.utf8)
      guard !bytes.isEmpty else { continue }
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      if let value = try? JSON.parse(bytes) { #expect(try! JSON.parse(value.blob) == value) }
      _ = try? JSON.parse(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))))
    }
  }

  @Test(arguments: ["[", "{\"a\":"])
  func depthIsLimited(opening: String) async throws {
    let closing = opening == "[" ? "]" : "}"
    let depth = JSON.maximumDepth
    let deep = Array(
      (String(repeating: opening, count: depth - 1) + "[]" + String(repeating: closing, count: depth - 1)).utf8)
    let deeper = Array(
      (String(repeating: opening, count: depth) + "[]" + String(repeating: closing, count: depth)).utf8)
    // On the stack of a Dispatch thread, as requests are read.
    let isSame = await withCheckedContinuation { continuation in
      DispatchQueue(label: "depth").async {
        let value = try? JSON.parse(deep)
        let again = value.flatMap { try? JSON.parse($0.blob) }
        continuation.resume(returning: value != nil && value == again && value?.blob.count == deep.count)
      }
    }
    #expect(isSame)
    let error = #expect(throws: JSONError.self) { try JSON.parse(deeper) }
    #expect(error?.message == "exceeded max depth")
  }

  @Test(arguments: [
    (#""\ud800""#, "\u{FFFD}"), (#""\udc00x""#, "\u{FFFD}x"), (#""\ud83d\ude00""#, "😀"),
    (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
    (#""\u00e9\n\t\"\\\/\b\f\r""#, "é\n\t\"\\/\u{8}\u{C}\r"),
    (#""0123456789abcdef\u0041""#, "0123456789abcdefA"), (#""""#, ""),
  ])
  func escapes(text: String, expected: String) throws {
    #expect(try JSON.parse(text).string == expected)
  }

  @Test func malformedUTF8IsRepaired() throws {
    #expect(try JSON.parse([0x22, 0xFF, 0x41, 0x22]).string == "\u{FFFD}A")
  }

  @Test(arguments: [
    ("9223372036854775807", JSON.int(.max)), ("-9223372036854775807", .int(-.max)), ("0", .int(0)), ("-0", .int(0)),
    ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.5", .double(1.5)), ("1e3", .double(1000)),
    ("-2.5E-3", .double(-0.0025)), ("1.0", .double(1)),
  ])
  func numbers(text: String, expected: JSON) throws {
    #expect(try JSON.parse(text) == expected)
  }

  @Test(arguments: [
    "", " ", "01", "+1", "1.", ".5", "1e", "--1", "nul", "tru", "[1,]", "{\"a\":1,}", "{a:1}", "[1 2]", "{\"a\" 1}",
    "\"a",
    "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "1 2", "]", "1e999", "{\"a\"}", "[", "{",
  ])
  func textsThatAreNotJSON(text: String) {
    #expect(throws: JSONError.self) { try JSON.parse(text) }
  }

  @Test func duplicatesAreNamedByTheirPaths() throws {
    let text =
      #"{"spec":{"replicas":1,"c":[{"n":1},{"n":1,"n":2}],"replicas":2},"kind":"a","kind":"b","a":[[{"x":1,"x":2}]]}"#
    var duplicates: [String] = []
    let blob = Blob(text)
    let value = try withExtendedLifetime(blob) { try JSON.parse(blob.bytes, duplicates: &duplicates) }
    #expect(duplicates == ["spec.c[1].n", "spec.replicas", "a[0][0].x", "kind"])
    #expect(value["kind"] == "b")
    #expect(value.at("spec", "replicas") == 2)
  }

  @Test func membersAreSortedByTheirBytes() throws {
    let value = try JSON.parse(
      #"{"b":1,"terminationMessagePolicy":3,"a":2,"terminationMessagePath":4,"é":5,"abcdefghi":6,"abcdefgh":7,"":8}"#)
    #expect(
      value.object?.allKeys == [
        "", "a", "abcdefgh", "abcdefghi", "b", "terminationMessagePath", "terminationMessagePolicy", "é",
      ])
  }

  @Test func everythingThatNeedsAnEscapeGetsIt() {
    for length in 0..<20 {
      for byte in ["\u{1}", "\"", "\\", "\n", "\u{1F}", "é", "😀"] {
        let text = String(repeating: "x", count: length) + byte + String(repeating: "y", count: 19 - length)
        #expect(try! JSON.parse(JSON.string(text).blob).string == text)
      }
    }
    #expect(JSON.string("a\"\\\n\r\t\u{1}/").text == #""a\"\\\n\r\t\u0001/""#)
  }
}

enum RandomJSON {
  private static let keys = [
    "a", "b", "c", "name", "spec", "f:metadata", "terminationMessagePath", "creationTimestamp", "", "é", "x\"y", "~/",
    "a long key that nobody knows",
  ]

  static func value(_ random: inout SeededRandom, depth: Int) -> JSON {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .int(Int64.random(in: .min + 1 ... .max, using: &random))
    case 3: return .int(Int64.random(in: -5...5, using: &random))
    case 4: return .double(Double.random(in: -1e6...1e6, using: &random) + 0.5e-7)
    case 5: return .string(keys.randomElement(using: &random) ?? "")
    case 6: return .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in value(&random, depth: depth - 1) })
    default:
      let count = Int.random(in: 0..<6, using: &random)
      return .object(
        Members((0..<count).map { _ in (keys.randomElement(using: &random) ?? "", value(&random, depth: depth - 1)) }))
    }
  }
}

@Suite struct DepthTests {
  @Test func whatIsStoredMayNestDeeper() throws {
    let text = String(repeating: "[", count: JSON.maximumDepth) + String(repeating: "]", count: JSON.maximumDepth)
    let inside = Array("{\"a\":\(text)}".utf8)
    #expect(throws: JSONError.self) { try JSON.parse(inside) }
    let value = try inside.withUnsafeBufferPointer { try JSON.parse(stored: $0) }
    #expect(value["a"] != nil)
  }
}
