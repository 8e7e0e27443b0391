import JSONCore
import Testing

@testable import Schemas

/// Our types beside those of the stock server: names, types, what is required, every extension, and the numbers in protobuf.
@Suite(.enabled(if: Reference.isThere)) struct StockSchemaTests {
  private static let own = OpenAPITests.v2["definitions"] ?? .null

  /// `io.k8s.api.apps.v1`: what stands before a type's name.
  private static let groups = Set(own.object?.allKeys.map(group) ?? []).sorted()

  private static func group(_ name: String) -> String { String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)]) }

  @Test func nothingIsMissing() throws {
    let stock = try #require(try Reference.json("definitions.json").object)
    #expect(Set(stock.allKeys) == Set(Self.own.object?.allKeys ?? []))
    func count(_ members: Members?) -> Int { (members?.allValues ?? []).reduce(0) { $0 + properties($1) } }
    #expect(count(stock) == count(Self.own.object))
  }

  private func properties(_ definition: JSON) -> Int { definition["properties"]?.object?.count ?? 0 }

  @Test(arguments: groups) func definitionsAreThoseOfTheStockServer(_ group: String) throws {
    let stock = try #require(try Reference.json("definitions.json").object)
    var differences: [String] = []
    for (name, definition) in stock where Self.group(name) == group {
      compare(name, stock: definition, own: Self.own[name] ?? .null, &differences)
    }
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  private func compare(_ path: String, stock: JSON, own: JSON, _ differences: inout [String]) {
    for key in Set((stock.object?.allKeys ?? []) + (own.object?.allKeys ?? [])).subtracting(["description", "default"])
    {
      let (left, right) = (stock[key], own[key])
      switch key {
      case "properties":
        let names = Set((left?.object?.allKeys ?? []) + (right?.object?.allKeys ?? []))
        for name in names {
          guard let left = left?[name], let right = right?[name] else {
            differences.append("\(path).\(name) stands on one side only")
            continue
          }
          compare("\(path).\(name)", stock: left, own: right, &differences)
        }
      case "items", "additionalProperties":
        compare("\(path).\(key)", stock: left ?? .null, own: right ?? .null, &differences)
      case "required":
        if Set(left?.array ?? []) != Set(right?.array ?? []) { differences.append("\(path): required differs") }
      case "$ref":
        if "#/definitions/" + (left?.string ?? "") != right?.string { differences.append("\(path): reference differs") }
      case "x-kubernetes-group-version-kind" where (left?.array?.count ?? 0) > 2:
        // The stock list names versions that are switched off; ours are all among them.
        if !Set(right?.array ?? []).isSubset(of: Set(left?.array ?? [])) { differences.append("\(path): kinds differ") }
      default:
        if left != right { differences.append("\(path): \(key) is \(left?.text ?? "-"), ours \(right?.text ?? "-")") }
      }
    }
  }

  @Test func fieldsHaveTheNumbersOfTheStockMessages() throws {
    let messages = try Reference.json("protobuf.json")
    var wrong: [String] = []
    var checked = 0
    for schema in Catalog.builtIn.schemas {
      guard let message = messages[Self.message(of: schema.name)] else { continue }
      for field in schema.fields where !field.numbers.isEmpty {
        checked += 1
        if !leads(field.numbers, to: field.name, in: message, messages) { wrong.append("\(schema.name).\(field.name)") }
      }
    }
    #expect(wrong.isEmpty, "\(wrong)")
    #expect(checked > 2000)
  }

  /// Whether the path of numbers ends at the field; names that Go spells otherwise in protobuf are known by their number.
  private func leads(_ numbers: [Int], to name: String, in message: JSON, _ messages: JSON) -> Bool {
    var message = message
    for number in numbers.dropLast() {
      guard let entry = message.object?.first(where: { $0.value[0]?.int == number })?.value,
        let next = messages[entry[1]?.string ?? ""]
      else { return false }
      message = next
    }
    if let entry = message[name] { return entry[0]?.int == numbers.last }
    return message.object?.contains { $0.value[0]?.int == numbers.last } ?? false
  }

  /// `k8s.io.api.apps.v1.Deployment` for `io.k8s.api.apps.v1.Deployment`.
  private static func message(of name: String) -> String {
    "k8s.io" + name.dropFirst("io.k8s".count).map { $0 == "-" ? "_" : String($0) }.joined()
  }
}
