import JSONCore
import Testing

@testable import Schemas

/// What is read from protobuf is what was written to it, for every type of the API.
@Suite struct RoundTripTests {
  private static let rounds = 5

  /// Types that travel: the others (a version's facts) are JSON alone.
  private static let types = Catalog.builtIn.schemas.filter { schema in
    schema.fields.isEmpty || schema.fields.contains { !$0.numbers.isEmpty }
  }

  @Test func everyTypeComesBackFromProtobufAsItWas() throws {
    #expect(Self.types.count > 560)
    for schema in Self.types {
      for round in 0..<Self.rounds {
        var samples = Samples(seed: schema.name, round: round)
        let before = try stored(samples.object(schema), schema)
        var coder = Transcoder(capacity: 0)
        coder.message(before.blob, schema)
        let read = try schema.decode(coder.out.bytes)
        let after = try stored(read, schema)
        let found = difference(before, after)
        #expect(found == nil, "\(schema.name), round \(round)")
      }
    }
  }

  @Test func everyKindComesBackInItsEnvelope() throws {
    for schema in Self.types {
      guard let kind = schema.groupVersionKinds.first, schema.field("kind") != nil else { continue }
      var samples = Samples(seed: kind.kind, round: 2)
      var before = try stored(samples.object(schema), schema)
      before["apiVersion"] = .string(kind.apiVersion)
      before["kind"] = .string(kind.kind)
      let blob = ProtobufCodec.encode(before.blob, as: kind, schema: schema)
      let body = try withExtendedLifetime(blob) { try ProtobufCodec.decode(blob.bytes, catalog: .builtIn) }
      #expect(body.kind == kind.kind && body.apiVersion == kind.apiVersion)
      let found = difference(before, try stored(body.json, schema))
      #expect(found == nil, "\(schema.name)")
    }
  }

  /// In the form in which it would be stored.
  private func stored(_ json: JSON, _ schema: ObjectSchema) throws -> JSON {
    var unknown: [String] = []
    let result = try schema.decode(json, unknown: &unknown, setsDefaults: false)
    #expect(unknown.isEmpty, "\(schema.name)")
    return result
  }

  /// Where two values differ first; nil when they are the same.
  private func difference(_ left: JSON, _ right: JSON) -> String? {
    if left == right { return nil }
    if let members = left.object, let others = right.object {
      for key in Set(members.allKeys + others.allKeys).sorted() {
        if let found = difference(left[key] ?? .null, right[key] ?? .null) { return ".\(key)\(found)" }
      }
    }
    if let elements = left.array, let others = right.array, elements.count == others.count {
      for index in elements.indices {
        if let found = difference(elements[index], others[index]) { return "[\(index)]\(found)" }
      }
    }
    return ": \(left.text), then \(right.text)"
  }
}
