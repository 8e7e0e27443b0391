import Foundation

/// What each controller has cost so far, by the server's own metrics: how many keys came to it, and the CPU of a sample of
/// its reconciliations, the performing of their plans included (but for the commits, which are the store's).
struct ReconcileCosts {
  private var counts: [String: Double] = [:]
  private var seconds: [String: Double] = [:]
  private var sampled: [String: Double] = [:]

  init(_ client: LoadClient) throws {
    let text = String(decoding: try client.get("/metrics"), as: UTF8.self)
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let value = Double(words[1]), let name = Self.name(words[0]) else { continue }
      switch words[0].prefix(while: { $0 != "{" }) {
      case "workqueue_adds_total": counts[name] = value
      case "swiftlet_reconcile_cpu_seconds_total": seconds[name] = value
      case "swiftlet_reconcile_sampled_total": sampled[name] = value
      default: break
      }
    }
  }

  /// `x` of `metric{name="x"}`
  private static func name(_ word: Substring) -> String? {
    guard let start = word.range(of: "{name=\"")?.upperBound else { return nil }
    return String(word[start...].prefix { $0 != "\"" })
  }

  /// All reconciliations.
  var total: Double { counts.values.reduce(0, +) }

  /// A line for each controller that had something to do, the dearest first.
  func table(since before: ReconcileCosts) -> [String] {
    let rows = counts.compactMap { name, count -> (name: String, count: Double, each: Double)? in
      let done = count - (before.counts[name] ?? 0)
      let sample = (sampled[name] ?? 0) - (before.sampled[name] ?? 0)
      if done < 1 || sample < 1 { return nil }
      return (name, done, ((seconds[name] ?? 0) - (before.seconds[name] ?? 0)) / sample * 1e6)
    }
    return rows.sorted { $0.count * $0.each > $1.count * $1.each }.map { row in
      let name = row.name.padding(toLength: 42, withPad: " ", startingAt: 0)
      return "\(name) \(Int(row.count)) reconciles, \(Report.number(row.each)) us CPU each"
    }
  }
}
