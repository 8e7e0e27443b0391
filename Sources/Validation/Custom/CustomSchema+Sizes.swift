import Expressions
import JSONCore

/// How large the values of a schema can become at most, for who reckons what its rules may cost (the numbers of the stock
/// server, on which it depends whether a definition is taken).
extension CustomSchema {
  /// In bytes: more does not come in one request.
  static let largestRequest: UInt64 = 3 << 20

  /// nil for what rules do not see.
  func sizes() -> SizeTree? {
    if isIntOrString { return .plain(most: longestText, smallest: 1) }
    switch type {
    case "array":
      guard let element = items?.sizes() else { return nil }
      let most = Self.count(bounds.maxItems) ?? (Self.largestRequest - 2) / (element.smallest + 1)
      return .list(element, most: most)
    case "object":
      guard additional != nil else { return objectSizes }
      guard let element = additional?.sizes() else { return nil }
      // An entry has quotes, a colon, a comma and some key.
      let most = Self.count(bounds.maxProperties) ?? (Self.largestRequest - 2) / (element.smallest + 6)
      return .map(element, most: most)
    case "string": return .plain(most: longestText, smallest: shortestText)
    case "boolean": return .plain(smallest: 4)
    case "integer", "number": return .plain(smallest: 1)
    default: return nil
    }
  }

  private static func count(_ limit: Int?) -> UInt64? { limit.map { UInt64(max(0, $0)) } }

  private var objectSizes: SizeTree {
    var fields: [String: SizeTree] = [:]
    var smallest: UInt64 = 2
    for property in properties {
      guard let sizes = property.schema.sizes() else { continue }
      if let name = Self.expressible(property.name) { fields[name] = sizes }
      // What has a default need not be sent.
      guard required.contains(property.name), property.schema.defaultValue == nil else { continue }
      smallest += UInt64(property.name.utf8.count) + sizes.smallest + 4
    }
    if isRoot || isEmbeddedResource {
      let text = SizeTree.plain(most: Self.largestRequest - 2, smallest: 2)
      for name in ["apiVersion", "kind"] { fields[name] = text }
      fields["metadata"] = .object(["name": text, "generateName": text], smallest: 2)
    }
    return .object(fields, smallest: smallest)
  }

  /// In bytes. A character takes up to four of them.
  private var longestText: UInt64 {
    switch bounds.format {
    case "duration" where type == "string": return 32
    case "date" where type == "string": return 12
    case "date-time" where type == "string": return 32
    case "byte" where bounds.maxLength != nil: return Self.count(bounds.maxLength) ?? 0
    default: break
    }
    if let limit = Self.count(bounds.maxLength) { return limit.timesOrMost(4) }
    if !isIntOrString, let allowed = bounds.allowed, !allowed.isEmpty {
      return UInt64(allowed.map { $0.string?.utf8.count ?? 0 }.max() ?? 0)
    }
    return Self.largestRequest - 2
  }

  /// With its quotes.
  private var shortestText: UInt64 {
    switch bounds.format {
    case "duration": 4
    case "date": 12
    case "date-time": 22
    default: 2
    }
  }
}
