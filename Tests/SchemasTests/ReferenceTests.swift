import JSONCore
import Testing

@testable import Schemas

/// Compares with what a stock server answered, where the recordings are at hand.
@Suite(.enabled(if: Reference.isThere)) struct ReferenceTests {
  @Test func fillsWhatTheStockServerFills() throws {
    let recordings = try Reference.json("defaults.json")
    for (name, recording) in try #require(recordings["kinds"]?.object) {
      let input = try #require(recording["input"])
      let version = input.text("apiVersion").split(separator: "/").map(String.init)
      let kind = try #require(
        Catalog.builtIn.kind(
          group: version.count > 1 ? version[0] : "", version: version.last!, kind: input.text("kind")))
      var unknown: [String] = []
      let decoded = try kind.decode(input, unknown: &unknown)
      #expect(unknown == [])
      for (path, value) in try #require(recording["filled"]?.object) where !isRegistrys(path, kind.name) {
        #expect(resolve(path, in: decoded) == value, "\(name) \(path)")
      }
    }
  }

  /// What admission, allocation and the rules of single kinds fill in.
  private func isRegistrys(_ path: String, _ kind: String) -> Bool {
    let names = [
      "$.metadata", "kube-api-access", "serviceAccount", "tolerations", "priority", "preemptionPolicy", "clusterIP",
      "ipFamil", "nodePort", "lastPhaseTransition", "labels", "selector", "volumeMounts", "qosClass", "finalizers",
      "paths",
    ]
    if kind == "Pod" && (path.contains("volumes[0].") || path.contains("volumes[5].") || path == "$.status.phase") {
      return true
    }
    if kind == "PriorityClass" { return path.hasPrefix("$.metadata") }
    return names.contains { path.contains($0) }
  }

  private func resolve(_ path: String, in json: JSON) -> JSON? {
    var value: JSON? = json
    for part in path.dropFirst(2).split(separator: ".") {
      let pieces = part.split(separator: "[")
      value = value?[String(pieces[0])]
      for index in pieces.dropFirst() { value = value?[Int(index.dropLast()) ?? -1] }
    }
    return value
  }
}
