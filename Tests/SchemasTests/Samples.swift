import JSONCore
import Values

@testable import Schemas

/// Makes objects of any type out of a seed: the same ones each time.
struct Samples {
  enum Fullness {
    case everything, nothing, some
  }

  private var random: UInt64
  private let fullness: Fullness
  /// How many more fields the object may have: some types hold themselves ten times over.
  private var budget = 1500

  /// Deeper than this only what a type needs is made: schemas hold schemas.
  private static let depthLimit = 7

  init(seed: String, round: Int) {
    random = seed.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 } &+ UInt64(round)
    fullness = round == 0 ? .everything : round == 1 ? .nothing : .some
  }

  private mutating func next(below limit: UInt64) -> UInt64 {
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (random >> 33) % limit
  }

  mutating func object(_ schema: ObjectSchema, depth: Int = 0) -> JSON {
    var members: [(String, JSON)] = []
    for field in schema.fields where !field.numbers.isEmpty && isWanted(depth) {
      members.append((field.name, value(field.type, depth: depth + 1)))
    }
    return .object(Members(members))
  }

  private mutating func isWanted(_ depth: Int) -> Bool {
    guard depth < Self.depthLimit, budget > 0 else { return false }
    budget -= 1
    switch fullness {
    case .everything: return true
    case .nothing: return false
    case .some: return next(below: 10) < 5
    }
  }

  private mutating func value(_ type: FieldType, depth: Int) -> JSON {
    switch type {
    case .string: .string(text())
    case .bool: .bool(next(below: 2) == 0)
    case .int32: .int(number(within: 31))
    case .int64: .int(number(within: 62))
    // A whole number is an integer in JSON, whatever it is in the schema.
    case .double: .double(Double(number(within: 40)) + 0.125)
    case .bytes: .string(Base64.encode(text().utf8.map { $0 ^ 0x85 }))
    case .quantity: .string(["0", "100m", "1500m", "1Gi", "12", "2k", "3e3", "0.5", "-7Mi"][Int(next(below: 9))])
    case .intOrString: next(below: 2) == 0 ? .int(number(within: 31)) : .string(text())
    case .time: .string(Instant(seconds: Int64(next(below: 1 << 31))).rfc3339)
    case .microTime: .string(Instant(nanoseconds: Int64(next(below: 1 << 31)) * 1_000_001_000).rfc3339Micro)
    case .raw: ["kind": "Any", "value": [1, true, .string(text())]]
    case .json: [1, "x", ["y": .string(text())]][Int(next(below: 3))]
    case .fieldsV1: ["f:metadata": ["f:labels": [".": [:], "f:\(text())": [:]]]]
    case .object(let schema): object(schema, depth: depth)
    case .array(let element): .array((0..<count()).map { _ in value(element, depth: depth) })
    case .map(let type):
      // Protobuf has no empty maps, so neither have objects that come through it.
      .object(Members((0...count()).map { ("key\($0)\(text())", value(type, depth: depth)) }))
    case .schemaOrArray(let schema), .schemaOrBool(let schema), .schemaOrStrings(let schema):
      alternative(type, schema, depth: depth)
    }
  }

  private mutating func alternative(_ type: FieldType, _ schema: ObjectSchema, depth: Int) -> JSON {
    if next(below: 2) == 0 { return object(schema, depth: depth) }
    switch type {
    case .schemaOrBool: return .bool(next(below: 2) == 0)
    case .schemaOrArray: return .array([object(schema, depth: depth), object(schema, depth: depth)])
    default: return [.string(text()), "b"]
    }
  }

  private mutating func count() -> Int { fullness == .everything ? 1 : Int(next(below: 4)) }

  private mutating func text() -> String {
    ["", "a", "web-1", "Ü\"\\\n\u{1F600}", "example.com/name", String(repeating: "long ", count: 40)][
      Int(next(below: 6))]
  }

  private mutating func number(within bits: UInt64) -> Int64 {
    let magnitude = Int64(next(below: 1 << min(bits, 31)))
    let value = bits > 31 ? magnitude << Int64(next(below: bits - 30)) : magnitude
    return [0, value, -value][Int(next(below: 3))]
  }
}
