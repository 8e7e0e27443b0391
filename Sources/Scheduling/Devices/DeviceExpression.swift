import Objects

/// A test of a device, in the common part of CEL: `device.driver == "gpu.example.com" &&
/// device.capacity["gpu.example.com"].memory.isGreaterThan(quantity("10Gi"))`.
///
/// There are comparisons, `in`, `&&`, `||`, `!`, `?:`, sums, `has`, `quantity`, `semver` and the usual methods of strings.
/// What is not there (macros over lists, regular expressions, `cel.bind`) is refused when it is read.
struct DeviceExpression: Sendable {
  indirect enum Node: Sendable {
    case literal(DeviceValue)
    case device
    case list([Node])
    case member(Node, String)
    case index(Node, Node)
    /// A function, or a method of the first argument.
    case call(String, isMethod: Bool, [Node])
    case not(Node)
    case both(Node, Node)
    case either(Node, Node)
    case choice(Node, Node, Node)
    case comparison(String, Node, Node)
    case sum(Node, Node, sign: Int64)
  }

  /// Longer texts are refused, as the API does.
  private static let lengthLimit = 10 * 1024

  private let root: Node

  /// - Throws: where the text is not in the part of CEL that is understood.
  init(_ text: String) throws(ExpressionError) {
    guard text.utf8.count <= Self.lengthLimit else { throw ExpressionError("the expression is too long") }
    var parser = try DeviceExpressionParser(text)
    root = try parser.parse()
  }

  /// Whether a device passes. A test that cannot be answered (an attribute that is not there) is not passed.
  func matches(_ device: Device) -> Bool {
    do throws(ExpressionError) {
      guard case .bool(let result) = try evaluate(root, device) else { return false }
      return result
    } catch {
      return false
    }
  }
}

struct ExpressionError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// A value in an expression.
enum DeviceValue: Sendable, Hashable {
  case bool(Bool)
  case int(Int64)
  case string(String)
  case quantity(Quantity)
  case version(SemanticVersion)
  case list([DeviceValue])
  case map([String: DeviceValue])
  /// Maps by domain; a domain that is not there is empty.
  case domains([String: [String: DeviceValue]])
}

/// `1.2.3-beta.1`: ordered as semver.org says.
struct SemanticVersion: Sendable, Hashable, Comparable {
  let numbers: [Int64]
  private let prerelease: [String]

  init?(_ text: String) {
    let body = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)[0]
    let parts = body.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false).map { Int64($0) }
    guard numbers.count == 3, numbers.allSatisfy({ ($0 ?? -1) >= 0 }) else { return nil }
    self.numbers = numbers.compactMap { $0 }
    prerelease = parts.count > 1 ? parts[1].split(separator: ".").map(String.init) : []
  }

  static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
    if left.numbers != right.numbers { return left.numbers.lexicographicallyPrecedes(right.numbers) }
    if left.prerelease.isEmpty || right.prerelease.isEmpty {
      return !left.prerelease.isEmpty && right.prerelease.isEmpty
    }
    return left.prerelease.lexicographicallyPrecedes(right.prerelease) { first, second in
      switch (Int64(first), Int64(second)) {
      case (let first?, let second?): first < second
      case (_?, nil): true
      case (nil, _?): false
      default: first < second
      }
    }
  }
}
