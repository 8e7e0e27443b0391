import JSONCore
import Values

/// The `conditions` list of a status, with the transition rules that all controllers share.
public struct Conditions: Sendable, Equatable {
  public private(set) var list: [JSON]

  public init(_ status: JSON?) { list = status?.list("conditions") ?? [] }

  public subscript(type: String) -> JSON? { list.first { $0.text("type") == type } }

  public func status(_ type: String) -> String { self[type]?.text("status") ?? "" }

  public func isTrue(_ type: String) -> Bool { status(type) == "True" }

  public mutating func remove(_ type: String) { list.removeAll { $0.text("type") == type } }

  /// Puts a condition at the end, in place of one of its type. `lastTransitionTime` is kept while the status stays.
  public mutating func replace(_ condition: JSON, at now: Instant) {
    let type = condition.text("type")
    var condition = condition
    if condition["lastTransitionTime"] == nil {
      let old = self[type]
      let isSame = old?.text("status") == condition.text("status")
      condition["lastTransitionTime"] = isSame ? old?["lastTransitionTime"] : .string(now.rfc3339)
    }
    remove(type)
    list.append(condition)
  }

  /// Sets a condition in its place; nothing happens when status, reason and message are already so.
  public mutating func set(
    _ type: String, _ status: String, reason: String = "", message: String = "", at now: Instant,
    extra: [(String, JSON)] = []
  ) {
    let index = list.firstIndex { $0.text("type") == type }
    var condition = index.map { list[$0] } ?? ["type": .string(type)]
    if index == nil || condition.text("status") != status { condition["lastTransitionTime"] = .string(now.rfc3339) }
    condition["status"] = .string(status)
    condition["reason"] = reason.isEmpty ? nil : .string(reason)
    condition["message"] = message.isEmpty ? nil : .string(message)
    for (key, value) in extra { condition[key] = value }
    if let index { list[index] = condition } else { list.append(condition) }
  }

  public func write(to status: inout JSON) {
    status["conditions"] = list.isEmpty ? nil : .array(list)
  }
}
