import Foundation

/// The table that `make bench` prints.
final class Report {
  private(set) var missed = 0
  private var rows = 0

  func heading(_ text: String) { show("\n\(text)") }

  func note(_ text: String) { show("  \(text)") }

  /// One measure held against the most it may be.
  func row(_ measure: String, _ value: Double, atMost limit: Double, unit: String, note: String = "") {
    line(measure, value, limit, unit, value <= limit, "<=", note)
  }

  /// One measure held against the least it must be.
  func row(_ measure: String, _ value: Double, atLeast limit: Double, unit: String, note: String = "") {
    line(measure, value, limit, unit, value >= limit, ">=", note)
  }

  func finish() { show("\n\(rows - missed) of \(rows) within their limits") }

  private func line(
    _ measure: String, _ value: Double, _ limit: Double, _ unit: String, _ holds: Bool, _ sign: String, _ note: String
  ) {
    rows += 1
    missed += holds ? 0 : 1
    let name = measure.padding(toLength: 52, withPad: " ", startingAt: 0)
    let shown = "\(Self.number(value)) \(unit)".padding(toLength: 16, withPad: " ", startingAt: 0)
    let verdict = holds ? "ok    " : "MISSED"
    show("  \(verdict) \(name) \(shown) \(sign) \(Self.number(limit)) \(unit)  \(note)")
  }

  /// At once, so that a long run can be followed.
  private func show(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

  static func number(_ value: Double) -> String {
    value >= 100
      ? String(format: "%.0f", value) : value >= 10 ? String(format: "%.1f", value) : String(format: "%.2f", value)
  }
}
