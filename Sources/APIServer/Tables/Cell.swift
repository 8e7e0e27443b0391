import JSONCore
import Objects
import Values

/// What the function of a computed column looks at.
struct Row {
  let object: JSON
  let now: Instant
  /// Three columns of pods share it.
  private var summary: PodSummary?

  init(object: JSON, now: Instant) {
    self.object = object
    self.now = now
  }

  /// Computes once what several columns of the kind show.
  mutating func summarize(_ resource: GroupResource) {
    if resource == Self.pods { summary = PodSummary(self) }
  }

  var podSummary: PodSummary { summary ?? PodSummary(self) }

  static let pods = GroupResource("", "pods")

  var metadata: JSON { object["metadata"] ?? .emptyObject }
  var spec: JSON { object["spec"] ?? .emptyObject }
  var status: JSON { object["status"] ?? .emptyObject }
  var isBeingDeleted: Bool { metadata["deletionTimestamp"] != nil }

  /// The age of a time, which is RFC 3339 text.
  func age(_ time: JSON?) -> String { Age.since(time?.string, now: now) }

  /// Whether `status.conditions` has one of this type that is True.
  func isTrue(_ condition: String) -> Bool {
    status.list("conditions").contains { $0.text("type") == condition && $0.text("status") == "True" }
  }
}

/// The function of one computed column: a row's object to the value of its cell.
typealias Cell = @Sendable (Row) -> JSON

/// The computed columns, by the names that the schema's column lines call them by (`from=@podStatus`).
enum Cells {
  static let all: [String: Cell] = [pods, workloads, networking, volumes, cluster, policies]
    .reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } }

  /// `a=1,b=2` of a map, or `<none>`.
  static func labels(_ map: JSON?) -> JSON {
    guard let map = map?.object, !map.isEmpty else { return "<none>" }
    return JSON(map.map { "\($0.key)=\($0.value.string ?? "")" }.joined(separator: ","))
  }

  /// A label selector in its short form, or `<none>`.
  static func selector(_ json: JSON?) -> JSON {
    guard let json, let members = json.object, !members.isEmpty else { return "<none>" }
    guard let selector = try? LabelSelector(json: json) else { return "<error>" }
    return selector.isEmpty ? "<none>" : JSON(selector.description)
  }

  /// The first `limit` texts, and how many more there are.
  static func some(_ texts: [String], limit: Int = 3, of count: Int? = nil, none: String) -> JSON {
    if texts.isEmpty { return .string(none) }
    let shown = texts.prefix(limit).joined(separator: ",")
    let total = count ?? texts.count
    return JSON(total > limit ? "\(shown) + \(total - limit) more..." : shown)
  }

  /// A text, or what stands for a missing one.
  static func text(_ json: JSON?, or missing: String = "<none>") -> JSON {
    guard let text = json?.string, !text.isEmpty else { return .string(missing) }
    return .string(text)
  }

  /// A number, 0 when it is left out.
  static func number(_ json: JSON?) -> JSON { json?.int.map { JSON($0) } ?? 0 }

  /// The value of an int-or-string, as text.
  static func plain(_ json: JSON?) -> String? {
    switch json {
    case .int(let value)?: "\(value)"
    case .string(let value)?: value
    default: nil
    }
  }

  static func joined(_ list: [JSON], _ key: String) -> JSON {
    JSON(list.map { $0.text(key) }.joined(separator: ","))
  }
}
