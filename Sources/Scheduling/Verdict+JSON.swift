import JSONCore
import Objects
import Values

extension Verdict {
  /// As it is served: the stock message, and what every filter said of every node, in the words of a person.
  public var json: JSON {
    var result: JSON = [
      "pod": ["namespace": .string(pod.namespace), "name": .string(pod.name), "uid": .string(uid)],
      "decidedAt": .string(decidedAt.rfc3339Micro), "nodes": JSON(nodeCount), "visited": JSON(visited),
    ]
    if let node { result["node"] = .string(node) }
    let message = message
    if !message.isEmpty { result["message"] = .string(message) }
    result["explanation"] = JSON(explanation)
    result["scores"] = .object(Members(totals.map { ($0.node, .int($0.total)) }))
    if !parts.isEmpty {
      result["scoreOfNode"] = .object(Members(parts.map { ($0.plugin.name, .int($0.score)) }))
    }
    result["refusals"] = .object(
      Members(refusals.map { entry in (entry.node, .array(entry.reasons.map(\.json))) }))
    if let blocker { result["blocker"] = blocker.json }
    if case .victims(let node, let names) = preemption {
      result["preemption"] = [
        "node": .string(node), "victims": JSON(names.map { "\($0.namespace)/\($0.name)" }),
      ]
    }
    return result
  }

  /// A sentence a node, and what happens next.
  var explanation: [String] {
    var lines: [String] = []
    if isGated { lines.append("waits until its scheduling gates are removed: \(gates.joined(separator: ", "))") }
    if !failure.isEmpty { lines.append("binding failed and is tried again: \(failure)") }
    if let node {
      lines.append("\(node): chosen")
    } else if nodeCount == 0, !isGated {
      lines.append("the cluster has no nodes")
    }
    if let blocker { lines.append("no node will do: \(blocker.words)") }
    for (node, reasons) in refusals.sorted(by: { $0.node < $1.node }) {
      lines.append("\(node): \(reasons.map(\.words).joined(separator: "; also "))")
    }
    switch preemption {
    case .victims(let node, let names):
      let list = names.map(\.name).joined(separator: ", ")
      lines.append("\(node): pods of lower priority are asked to leave: \(list)")
    case .ineligible(let reason): lines.append("no pod is asked to leave: \(reason)")
    default: break
    }
    return lines
  }
}

extension Refusal {
  var json: JSON {
    ["filter": .string(plugin.name), "reason": .string(reason), "words": .string(words)]
  }

  /// `needs 2 more CPU; 1 of 4 free`
  var words: String {
    switch detail {
    case .none: Self.plain[plugin] ?? reason
    case .text(let text): plugin == .nodeName ? "the pod names another node, \(text)" : text
    case .shortage(let resource, let wanted, let used, let total):
      Amount.shortage(resource, wanted: wanted, used: used, total: total)
    case .podLimit(let limit): limit == 0 ? "takes no pods" : "has no room for another pod; it takes \(limit)"
    case .taint(let taint):
      "has the taint \(taint.key)\(taint.value.isEmpty ? "" : "=\(taint.value)"):\(taint.effect), "
        + "which the pod does not tolerate"
    case .label(let key, let wanted, let found):
      found.map { "has \(key)=\($0), the pod asks for \(key)=\(wanted)" } ?? "lacks the label \(key)=\(wanted)"
    case .port(let port):
      "port \(port.port)/\(port.transport)\(port.address == "0.0.0.0" ? "" : " of \(port.address)") is taken"
    case .missingLabel(let key): "lacks the label \(key)"
    case .skew(let key, let value, let count, let least, let limit):
      "\(key)=\(value) would have \(count) matching pods and the emptiest has \(least); "
        + "they may differ by \(limit)"
    case .company(let key, let value): companyWords("\(key)=\(value)")
    }
  }

  private func companyWords(_ place: String) -> String {
    switch reason {
    case "node(s) didn't match pod affinity rules": "no pod that this one must be near is in \(place)"
    case "node(s) didn't match pod anti-affinity rules": "a pod that this one must not be near is in \(place)"
    default: "a pod in \(place) keeps pods like this one away"
    }
  }

  private static let plain: [Plugin: String] = [
    .nodeUnschedulable: "is cordoned",
    .nodeAffinity: "does not match the pod's node selector or affinity",
  ]
}

/// Amounts of resources as people write them.
enum Amount {
  static func shortage(_ resource: String, wanted: Int64, used: Int64, total: Int64) -> String {
    let free = max(0, total &- used)
    let missing = wanted &- free
    switch resource {
    case "cpu": return "needs \(cpu(missing)) more CPU; \(cpu(free)) of \(cpu(total)) free"
    case "memory", "ephemeral-storage":
      let name = resource == "memory" ? "memory" : "disk space"
      return "needs \(bytes(missing)) more \(name); \(bytes(free)) of \(bytes(total)) free"
    default: return "needs \(missing) more \(resource); \(free) of \(total) free"
    }
  }

  private static func cpu(_ milli: Int64) -> String { decimal(milli, per: 1000, digits: 3) }

  private static func bytes(_ amount: Int64) -> String {
    for (name, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)] where amount >= 1 << Int64(shift) {
      return "\(decimal(amount, per: 1 << Int64(shift), digits: 2)) \(name)"
    }
    return "\(amount) B"
  }

  /// `1.5`, without zeros at the end.
  private static func decimal(_ amount: Int64, per unit: Int64, digits: Int) -> String {
    var scale: Int64 = 1
    for _ in 0..<digits { scale *= 10 }
    let (whole, rest) = amount.quotientAndRemainder(dividingBy: unit)
    let fraction = Int64((Double(rest) * Double(scale) / Double(unit)).rounded())
    if fraction >= scale { return "\(whole + 1)" }
    if fraction <= 0 { return "\(whole)" }
    var text = String(fraction)
    text = String(repeating: "0", count: max(0, digits - text.count)) + text
    while text.hasSuffix("0") { text.removeLast() }
    return "\(whole).\(text)"
  }
}
