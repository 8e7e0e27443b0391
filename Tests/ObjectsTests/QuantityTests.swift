import JSONCore
import Objects
import TestSupport
import Testing

@Suite struct QuantityTests {
  @Test(arguments: [
    ("0", "0"), ("-0", "0"), ("1", "1"), ("1000", "1k"), ("1000m", "1"), ("1500m", "1500m"), ("0.5", "500m"),
    ("1.5", "1500m"), (".5", "500m"), ("5.", "5"), ("+3", "3"), ("-3.5", "-3500m"), ("1024", "1024"),
    ("1Ki", "1Ki"), ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("0.5Ki", "512"), ("1Ei", "1Ei"),
    ("16Ei", "9223372036854775807"),
    ("0.3Ki", "307200m"), ("1e3", "1e3"), ("1E3", "1e3"), ("12e-1", "1200e-3"), ("1E", "1E"), ("100E", "100E"),
    ("1n", "1n"), ("0.1n", "1n"), ("-0.1n", "-1n"), ("0.0000000001", "1n"), ("1u", "1u"), ("100k", "100k"),
    ("123456789", "123456789"), ("00012", "12"), ("1e9", "1e9"), ("1000000M", "1T"), ("0Ki", "0"),
    ("1000000E", "1000000E"),
    ("1e10", "10e9"), ("0.1Ki", "102400m"), ("2.5Mi", "2560Ki"), ("1e-9", "1e-9"), ("1e-20", "1e-9"),
  ])
  func canonical(_ text: String, _ expected: String) throws {
    let quantity = try Quantity(parsing: text)
    #expect(quantity.description == expected)
    #expect(try Quantity(parsing: expected) == quantity)
  }

  @Test(arguments: [
    ("", QuantityError.format), ("1 core", .format), ("abc", .format), ("1.1.1", .format), ("--1", .format),
    ("1+1.0M", .format), ("1i", .suffix), ("0.1mi", .suffix), ("-3.01e-", .suffix), ("1mm", .suffix), ("1K", .suffix),
    ("1e99999999999", .suffix), (".", .number), ("-", .number), ("1e40", .number), ("1\u{e9}", .format),
    ("1\u{0}", .format),
  ])
  func refuses(_ text: String, _ error: QuantityError) {
    #expect(throws: error) { try Quantity(parsing: text) }
  }

  @Test func rounds() throws {
    #expect(try Quantity(parsing: "1500m").value == 2)
    #expect(try Quantity(parsing: "-1500m").value == -2)
    #expect(try Quantity(parsing: "1500u").milliValue == 2)
    #expect(try Quantity(parsing: "1E").milliValue == .max)
    #expect(Quantity(JSON.int(3))?.value == 3)
    #expect(Quantity(JSON.double(1.5))?.milliValue == 1500)
    #expect(Quantity(JSON.bool(true)) == nil)
  }

  @Test func adds() throws {
    #expect((try Quantity(parsing: "1Gi") + Quantity(parsing: "1024Mi")).description == "2Gi")
    #expect((Quantity.zero + (try Quantity(parsing: "1Ki"))).description == "1Ki")
    #expect((Quantity(1) - Quantity(milli: 250)).description == "750m")
    let most = Quantity(nanos: .max)
    #expect(most + most == most)
    #expect(Quantity(nanos: .min) - most == Quantity(nanos: .min))
  }

  @Test func agreesWithDoubles() throws {
    var random = SeededRandom(seed: 3)
    let suffixes: [(String, Double)] = [
      ("", 1), ("m", 1e-3), ("u", 1e-6), ("k", 1e3), ("M", 1e6), ("Ki", 1024), ("Mi", 1_048_576), ("e3", 1e3),
      ("E-2", 1e-2),
    ]
    for _ in 0..<5_000 {
      let whole = Int.random(in: -99_999...99_999, using: &random)
      let digits = Int.random(in: 0..<1000, using: &random)
      let (suffix, factor) = suffixes.randomElement(using: &random)!
      let text = "\(whole).\(digits)"
      let quantity = try Quantity(parsing: text + suffix)
      let expected = try #require(Double(text)) * factor
      #expect(abs(quantity.double - expected) <= 1e-9 + abs(expected) * 1e-12, "\(text)\(suffix)")
      #expect(try Quantity(parsing: quantity.description) == quantity)
    }
  }

  @Test func takesAnyBytesWithoutHarm() {
    var random = SeededRandom(seed: 11)
    let alphabet = Array("0123456789.+-eEinumkKMGTP x")
    for _ in 0..<50_000 {
      let text = String(
        (0..<Int.random(in: 0..<60, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
      if let quantity = try? Quantity(parsing: text) {
        #expect((try? Quantity(parsing: quantity.description)) == quantity, "\(text)")
      }
    }
  }
}
