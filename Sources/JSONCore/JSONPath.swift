/// A path to values in JSON, in kubectl's dialect of JSONPath and without its braces:
/// `.status.conditions[?(@.type=="Ready")].status`.
///
/// There are fields (`.a`, `['a.b']`), all of them (`.*`, `[*]`), elements and slices (`[0]`, `[-1]`, `[1:3]`, `[0,2]`),
/// whatever stands below (`..a`), and filters that compare (`[?(@.port>80)]`) or ask what is there (`[?(@.port)]`).
public struct JSONPath: Sendable, Hashable {
  enum Step: Sendable, Hashable {
    case field(String)
    case everyField
    /// Every list and object below and including the value.
    case descent
    case index(Int)
    case slice(from: Int?, to: Int?, stride: Int)
    case union([Step])
    case filter(Filter)
  }

  struct Filter: Sendable, Hashable {
    var left: Operand
    /// Nil where the left one must only be there.
    var comparison: Comparison?
  }

  struct Comparison: Sendable, Hashable {
    var sign: Sign
    var right: Operand
  }

  enum Sign: String, Sendable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case atMost = "<="
    case greater = ">"
    case atLeast = ">="
  }

  enum Operand: Sendable, Hashable {
    case path(JSONPath)
    case literal(JSON)
  }

  /// What a path cannot be, or asks for in vain.
  struct Failure: Error {}

  /// Paths that lead to more values than this are followed no further.
  private static let maximumValues = 10_000

  let steps: [Step]

  /// The values that the path leads to, in their order; what is not there is left out.
  /// - Returns: nil where the path asks for what cannot be: an element behind the end, a filter of what is no list.
  public func values(in root: JSON) -> [JSON]? {
    do throws(Failure) { return try found(in: root) } catch { return nil }
  }

  private func found(in root: JSON) throws(Failure) -> [JSON] {
    var values = [root]
    for step in steps {
      var next: [JSON] = []
      for value in values {
        next += try Self.values(step, in: value)
        guard next.count <= Self.maximumValues else { throw Failure() }
      }
      values = next
    }
    return values
  }

  private static func values(_ step: Step, in value: JSON) throws(Failure) -> [JSON] {
    switch step {
    case .field(let name): return value[name].map { [$0] } ?? []
    case .everyField: return children(value)
    case .descent: return containers(value)
    case .index(let index):
      guard let list = try list(value) else { return [] }
      let place = index < 0 ? index + list.count : index
      guard list.indices.contains(place) else { throw Failure() }
      return [list[place]]
    case .slice(let from, let to, let stride):
      guard let list = try list(value) else { return [] }
      return try slice(list, from, to, stride)
    case .union(let steps):
      var result: [JSON] = []
      for step in steps { result += try values(step, in: value) }
      return result
    case .filter(let filter):
      var result: [JSON] = []
      for element in try list(value) ?? [] where try passes(filter, element) { result.append(element) }
      return result
    }
  }

  /// - Returns: nil for null, of which there is nothing to see.
  private static func list(_ value: JSON) throws(Failure) -> [JSON]? {
    if value.isNull { return nil }
    guard let list = value.array else { throw Failure() }
    return list
  }

  private static func slice(_ list: [JSON], _ from: Int?, _ to: Int?, _ stride: Int) throws(Failure) -> [JSON] {
    func place(_ index: Int) -> Int { index < 0 ? index + list.count : index }
    let (start, end) = (place(from ?? 0), to.map(place) ?? list.count)
    if start == end { return [] }
    guard list.indices.contains(start), end <= list.count, start < end, stride > 0 else { throw Failure() }
    return Swift.stride(from: start, to: end, by: stride).map { list[$0] }
  }

  private static func children(_ value: JSON) -> [JSON] {
    value.object.map { $0.map(\.value) } ?? value.array ?? []
  }

  private static func containers(_ value: JSON) -> [JSON] {
    let children = children(value)
    return children.isEmpty ? [] : [value] + children.flatMap(containers)
  }

  private static func passes(_ filter: Filter, _ element: JSON) throws(Failure) -> Bool {
    let lefts = try values(filter.left, element)
    guard let comparison = filter.comparison else { return !lefts.isEmpty }
    let rights = try values(comparison.right, element)
    guard lefts.count < 2, rights.count < 2 else { throw Failure() }
    guard let left = lefts.first, let right = rights.first else { return false }
    switch comparison.sign {
    case .equal: return left == right
    case .unequal: return left != right
    case .less: return try isBefore(left, right)
    case .greater: return try isBefore(right, left)
    case .atMost: return try !isBefore(right, left)
    case .atLeast: return try !isBefore(left, right)
    }
  }

  private static func values(_ operand: Operand, _ element: JSON) throws(Failure) -> [JSON] {
    switch operand {
    case .path(let path): try path.found(in: element)
    case .literal(let value): [value]
    }
  }

  private static func isBefore(_ left: JSON, _ right: JSON) throws(Failure) -> Bool {
    if let left = left.double, let right = right.double { return left < right }
    guard let left = left.string, let right = right.string else { throw Failure() }
    return left < right
  }
}
