import JSONCore
import Objects
import Values

/// What the scheduler found out about a pod, kept so that anyone can ask why it is where it is, or nowhere.
public struct Verdict: Sendable {
  public var pod: Key
  public var uid: String
  /// The chosen node; nil when none fits.
  public var node: String?
  /// The reasons against each node that was refused.
  public var refusals: [String: [Refusal]]
  /// The totals of the nodes that fit.
  public var scores: [String: Int64]
  /// All that is to be said when no node fits.
  public var message: String
  public var decidedAt: Instant

  public var json: JSON {
    var result: JSON = [
      "pod": ["namespace": .string(pod.namespace), "name": .string(pod.name), "uid": .string(uid)],
      "decidedAt": .string(decidedAt.rfc3339Micro),
    ]
    if let node { result["node"] = .string(node) }
    if !message.isEmpty { result["message"] = .string(message) }
    result["scores"] = .object(Members(scores.map { ($0.key, .int($0.value)) }))
    result["refusals"] = .object(
      Members(
        refusals.map { name, reasons in
          (
            name,
            .array(reasons.map { ["filter": .string($0.filter), "reason": .string($0.reason)] })
          )
        }))
    return result
  }

  /// The words of the stock scheduler: how many nodes there are, and how many refuse for which reason.
  static func message(nodes: Int, refusals: [String: [Refusal]]) -> String {
    if nodes == 0 { return "no nodes available to schedule pods" }
    return "0/\(nodes) nodes are available: \(summary(refusals.values.flatMap { $0.map(\.reason) }))."
  }

  static func preemptionMessage(nodes: Int, refusals: [String: [Refusal]]) -> String {
    if nodes == 0 { return "" }
    let reasons = refusals.values.map { reasons in
      reasons.allSatisfy(\.mayPreempt)
        ? "No preemption victims found for incoming pod" : "Preemption is not helpful for scheduling"
    }
    return " preemption: 0/\(nodes) nodes are available: \(summary(reasons))."
  }

  private static func summary(_ reasons: [String]) -> String {
    reasons.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }.map { "\($0.value) \($0.key)" }.sorted()
      .joined(separator: ", ")
  }
}
