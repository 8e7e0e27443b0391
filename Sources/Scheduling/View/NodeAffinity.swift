import JSONCore
import Objects

/// Which nodes a pod must or would like to run on.
public struct NodeAffinity: Sendable {
  /// Any of these; nil when the pod requires nothing.
  public let required: [Term]?
  public let preferred: [(weight: Int, term: Term)]

  public struct Term: Sendable {
    let expressions: [Expression]
    let fields: [Expression]

    init(_ json: JSON) {
      expressions = json.list("matchExpressions").map(Expression.init)
      fields = json.list("matchFields").map(Expression.init)
    }

    /// A term without conditions matches nothing.
    func matches(_ labels: Labels, name: String) -> Bool {
      if expressions.isEmpty && fields.isEmpty { return false }
      return expressions.allSatisfy { $0.holds(for: labels[$0.key]) }
        && fields.allSatisfy { $0.key == "metadata.name" && $0.holds(for: name) }
    }
  }

  struct Expression: Sendable {
    let key: String
    let condition: String
    let values: [String]

    init(_ json: JSON) {
      key = json.text("key")
      condition = json.text("operator")
      values = json.list("values").compactMap(\.string)
    }

    func holds(for value: String?) -> Bool {
      switch condition {
      case "In": value.map { values.contains($0) } ?? false
      case "NotIn": value.map { !values.contains($0) } ?? true
      case "Exists": value != nil
      case "DoesNotExist": value == nil
      case "Gt": compare(value) { $0 > $1 }
      case "Lt": compare(value) { $0 < $1 }
      default: false
      }
    }

    private func compare(_ value: String?, _ isSo: (Int64, Int64) -> Bool) -> Bool {
      guard let left = value.flatMap({ Int64($0) }), let right = values.first.flatMap({ Int64($0) }) else {
        return false
      }
      return isSo(left, right)
    }
  }

  public init(_ json: JSON?) {
    let required = json?["requiredDuringSchedulingIgnoredDuringExecution"]
    self.required = required.map { $0.list("nodeSelectorTerms").map(Term.init) }
    preferred = (json?.list("preferredDuringSchedulingIgnoredDuringExecution") ?? []).map {
      (weight: $0["weight"]?.int ?? 0, term: Term($0["preference"] ?? .emptyObject))
    }
  }

  public func admits(_ labels: Labels, name: String) -> Bool {
    required.map { $0.contains { $0.matches(labels, name: name) } } ?? true
  }
}
