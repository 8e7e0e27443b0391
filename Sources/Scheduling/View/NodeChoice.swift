import JSONCore
import Objects

/// The nodes that a pod's selector and required affinity leave it.
struct NodeChoice: Sendable, Hashable {
  let labels: [String: String]
  /// Any of these; nil when nothing is required.
  let terms: [NodeTerm]?

  init(selector: [String: String], required: JSON?) {
    labels = selector
    terms = required.map { $0.list("nodeSelectorTerms").map(NodeTerm.init) }
  }

  var isEmpty: Bool { labels.isEmpty && terms == nil }

  func admits(_ labels: Labels, name: String) -> Bool {
    self.labels.allSatisfy { labels[$0.key] == $0.value }
      && (terms?.contains { $0.matches(labels, name: name) } ?? true)
  }

  /// The only nodes that come into question, by name; nil when names do not narrow the choice.
  var names: Set<String>? {
    guard let terms else { return nil }
    var all = Set<String>()
    for term in terms {
      guard let names = term.names else { return nil }
      all.formUnion(names)
    }
    return all
  }
}

/// A set of conditions on a node, all of which must hold.
struct NodeTerm: Sendable, Hashable {
  let expressions: [NodeExpression]
  let fields: [NodeExpression]

  init(_ json: JSON) {
    expressions = json.list("matchExpressions").map(NodeExpression.init)
    fields = json.list("matchFields").map(NodeExpression.init)
  }

  /// A term without conditions matches nothing.
  func matches(_ labels: Labels, name: String) -> Bool {
    if expressions.isEmpty && fields.isEmpty { return false }
    return expressions.allSatisfy { $0.holds(for: labels[$0.key]) }
      && fields.allSatisfy { $0.key == "metadata.name" && $0.holds(for: name) }
  }

  var names: Set<String>? {
    let lists = fields.filter { $0.key == "metadata.name" && $0.condition == "In" }.map { Set($0.values) }
    guard let first = lists.first else { return nil }
    return lists.dropFirst().reduce(first) { $0.intersection($1) }
  }
}

struct NodeExpression: Sendable, Hashable {
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

/// Nodes that a pod would rather run on.
struct NodePreference: Sendable {
  let weight: Int64
  let term: NodeTerm

  init(_ json: JSON) {
    weight = Int64(min(max(json["weight"]?.int ?? 0, 0), 100))
    term = NodeTerm(json["preference"] ?? .emptyObject)
  }
}
