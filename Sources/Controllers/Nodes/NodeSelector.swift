import JSONCore
import Objects

/// A `core/v1` NodeSelector: any of its terms, each with all of its expressions.
struct NodeSelector {
  let terms: [JSON]

  func matches(_ node: Object) -> Bool {
    terms.contains { term in
      let expressions = term.list("matchExpressions")
      let fields = term.list("matchFields")
      // A term without conditions matches nothing.
      if expressions.isEmpty && fields.isEmpty { return false }
      return expressions.allSatisfy { Self.holds($0, node.labels[$0.text("key")]) }
        && fields.allSatisfy { $0.text("key") == "metadata.name" && Self.holds($0, node.name) }
    }
  }

  private static func holds(_ expression: JSON, _ value: String?) -> Bool {
    let values = expression.list("values").compactMap(\.string)
    func compare(_ isSo: (Int64, Int64) -> Bool) -> Bool {
      guard let left = value.flatMap({ Int64($0) }), let right = values.first.flatMap({ Int64($0) }) else {
        return false
      }
      return isSo(left, right)
    }
    switch expression.text("operator") {
    case "In": return value.map(values.contains) ?? false
    case "NotIn": return value.map { !values.contains($0) } ?? true
    case "Exists": return value != nil
    case "DoesNotExist": return value == nil
    case "Gt": return compare { $0 > $1 }
    case "Lt": return compare { $0 < $1 }
    default: return false
    }
  }
}
