import Foundation
import JSONCore
import Objects
import Reconciling
import Testing
import Values
import Yams

@testable import Controllers

/// Each file in `Cases/<Controller>` is a rule: a cluster, and the plan that a controller must make of it.
@Suite struct CaseTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases")

  static let names: [String] = {
    let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return files.filter { $0.hasSuffix(".yaml") }.sorted()
  }()

  /// New ones for each case: some remember what they have seen.
  static var controllers: [any Controller] { Controllers.all(rootCA: "PEM") + Controllers.ofServer }

  @Test(arguments: names) func planIsAsExpected(_ name: String) throws {
    let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
    let document = JSON(yaml: try Yams.load(yaml: text))
    let controller = try #require(Self.controllers.first { $0.name == document.text("controller") })
    let snapshot = Snapshot(revision: 100, objects: document.list("objects").map(Object.init(fixture:)))
    let now = try #require(Instant(rfc3339: document.text("now")))
    let key = Key(fixture: document.text("key"))
    var plan = controller.reconcile(key, snapshot, now)
    if let failure = document["failure"] {
      let action = try #require(plan.steps.first?.actions.first)
      let status = Status(
        code: failure["code"]?.int ?? 500, reason: failure.text("reason"), message: failure.text("message"))
      plan = controller.recover(key, from: Failure(action: action, status: status), snapshot, now)
    }
    let problems = mismatches(document["plan"] ?? .null, plan.json, "plan")
    var actual = ByteBuffer()
    plan.json.writePretty(to: &actual)
    #expect(
      problems.isEmpty,
      "\(problems.joined(separator: "\n"))\nactual: \(String(decoding: actual.bytes, as: UTF8.self))")
  }

  /// Where `actual` lacks what `expected` has. Objects may hold more; lists must have the same length.
  private func mismatches(_ expected: JSON, _ actual: JSON?, _ path: String) -> [String] {
    guard let actual else { return ["\(path) is missing"] }
    if expected == .string("<any>") { return [] }
    if let members = expected.object, actual.object != nil {
      return members.flatMap { key, value -> [String] in
        if value == .string("<none>") { return actual[key] == nil ? [] : ["\(path).\(key) should not be there"] }
        return mismatches(value, actual[key], "\(path).\(key)")
      }
    }
    if let elements = expected.array, let others = actual.array {
      if elements.count != others.count { return ["\(path) has \(others.count) elements, not \(elements.count)"] }
      return elements.indices.flatMap { mismatches(elements[$0], others[$0], "\(path)[\($0)]") }
    }
    return expected == actual ? [] : ["\(path) is \(actual.text), not \(expected.text)"]
  }
}
