import Objects

extension DeviceExpression {
  static let methods: Set<String> = [
    "compareTo", "isGreaterThan", "isLessThan", "startsWith", "endsWith", "contains", "lowerAscii", "upperAscii",
    "asInteger", "major", "minor", "patch", "size",
  ]

  func evaluate(_ node: Node, _ device: Device) throws(ExpressionError) -> DeviceValue {
    switch node {
    case .literal(let value): return value
    case .device: throw ExpressionError("device is not a value")
    case .list(let nodes):
      var values: [DeviceValue] = []
      for node in nodes { values.append(try evaluate(node, device)) }
      return .list(values)
    case .member(.device, let name): return try device.value(name)
    case .member(let node, let name): return try element(try evaluate(node, device), .string(name))
    case .index(let node, let key): return try element(try evaluate(node, device), try evaluate(key, device))
    case .call("has", false, let nodes): return .bool(has(nodes, device))
    case .call(let name, _, let nodes):
      var values: [DeviceValue] = []
      for node in nodes { values.append(try evaluate(node, device)) }
      return try call(name, values)
    case .not(let node): return .bool(!(try truth(node, device)))
    case .both(let left, let right): return .bool(try combine(left, right, device, decisive: false))
    case .either(let left, let right): return .bool(try combine(left, right, device, decisive: true))
    case .choice(let condition, let first, let second):
      return try evaluate(try truth(condition, device) ? first : second, device)
    case .comparison(let symbol, let left, let right):
      return .bool(try compare(symbol, try evaluate(left, device), try evaluate(right, device)))
    case .sum(let left, let right, let sign):
      return try sum(try evaluate(left, device), try evaluate(right, device), sign)
    }
  }

  private func truth(_ node: Node, _ device: Device) throws(ExpressionError) -> Bool {
    guard case .bool(let value) = try evaluate(node, device) else { throw ExpressionError("not a condition") }
    return value
  }

  /// Either side may decide, even when the other has no answer.
  private func combine(
    _ left: Node, _ right: Node, _ device: Device, decisive: Bool
  ) throws(ExpressionError) -> Bool {
    var problem: ExpressionError?
    for node in [left, right] {
      do throws(ExpressionError) {
        if try truth(node, device) == decisive { return decisive }
      } catch {
        problem = problem ?? error
      }
    }
    if let problem { throw problem }
    return !decisive
  }

  private func has(_ nodes: [Node], _ device: Device) -> Bool {
    guard let node = nodes.first else { return false }
    do throws(ExpressionError) {
      _ = try evaluate(node, device)
      return true
    } catch {
      return false
    }
  }

  private func element(_ value: DeviceValue, _ key: DeviceValue) throws(ExpressionError) -> DeviceValue {
    switch (value, key) {
    case (.domains(let domains), .string(let key)): return .map(domains[key] ?? [:])
    case (.map(let map), .string(let key)):
      guard let found = map[key] else { throw ExpressionError("no such key: \(key)") }
      return found
    case (.list(let list), .int(let index)):
      guard let index = Int(exactly: index), list.indices.contains(index) else {
        throw ExpressionError("index out of bounds")
      }
      return list[index]
    default: throw ExpressionError("no such element")
    }
  }

  private func compare(
    _ symbol: String, _ left: DeviceValue, _ right: DeviceValue
  ) throws(ExpressionError) -> Bool {
    switch symbol {
    case "==": return left == right
    case "!=": return left != right
    case "in":
      switch right {
      case .list(let list): return list.contains(left)
      case .map(let map): if case .string(let key) = left { return map[key] != nil }
      case .domains(let domains): if case .string(let key) = left { return domains[key] != nil }
      default: break
      }
      throw ExpressionError("\"in\" needs a list or a map")
    default:
      let order = try order(left, right)
      return switch symbol {
      case "<": order < 0
      case "<=": order <= 0
      case ">": order > 0
      default: order >= 0
      }
    }
  }

  private func order(_ left: DeviceValue, _ right: DeviceValue) throws(ExpressionError) -> Int64 {
    func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int64 { left < right ? -1 : left > right ? 1 : 0 }
    switch (left, right) {
    case (.int(let left), .int(let right)): return sign(left, right)
    case (.string(let left), .string(let right)): return sign(left, right)
    case (.quantity(let left), .quantity(let right)): return sign(left, right)
    case (.version(let left), .version(let right)): return sign(left, right)
    default: throw ExpressionError("values of different types are not ordered")
    }
  }

  private func sum(_ left: DeviceValue, _ right: DeviceValue, _ sign: Int64) throws(ExpressionError) -> DeviceValue {
    switch (left, right) {
    case (.int(let left), .int(let right)):
      let (result, overflow) = sign > 0 ? left.addingReportingOverflow(right) : left.subtractingReportingOverflow(right)
      if overflow { throw ExpressionError("integer overflow") }
      return .int(result)
    case (.string(let left), .string(let right)) where sign > 0: return .string(left + right)
    default: throw ExpressionError("values that cannot be added")
    }
  }

  private func call(_ name: String, _ values: [DeviceValue]) throws(ExpressionError) -> DeviceValue {
    switch (name, values.count, values.first, values.count > 1 ? values[1] : nil) {
    case ("quantity", 1, .string(let text), _):
      guard let quantity = Quantity(.string(text)) else { throw ExpressionError("\(text) is not a quantity") }
      return .quantity(quantity)
    case ("semver", 1, .string(let text), _):
      guard let version = SemanticVersion(text) else { throw ExpressionError("\(text) is not a version") }
      return .version(version)
    case ("isQuantity", 1, .string(let text), _): return .bool(Quantity(.string(text)) != nil)
    case ("isSemver", 1, .string(let text), _): return .bool(SemanticVersion(text) != nil)
    case ("compareTo", 2, let left?, let right?): return .int(try order(left, right))
    case ("isGreaterThan", 2, let left?, let right?): return .bool(try order(left, right) > 0)
    case ("isLessThan", 2, let left?, let right?): return .bool(try order(left, right) < 0)
    case ("startsWith", 2, .string(let text), .string(let part)): return .bool(text.hasPrefix(part))
    case ("endsWith", 2, .string(let text), .string(let part)): return .bool(text.hasSuffix(part))
    case ("contains", 2, .string(let text), .string(let part)): return .bool(Self.contains(text, part))
    case ("lowerAscii", 1, .string(let text), _): return .string(text.lowercased())
    case ("upperAscii", 1, .string(let text), _): return .string(text.uppercased())
    case ("asInteger", 1, .quantity(let quantity), _): return .int(quantity.value)
    case ("major", 1, .version(let version), _): return .int(version.numbers[0])
    case ("minor", 1, .version(let version), _): return .int(version.numbers[1])
    case ("patch", 1, .version(let version), _): return .int(version.numbers[2])
    case ("size", 1, .string(let text), _): return .int(Int64(text.unicodeScalars.count))
    case ("size", 1, .list(let list), _): return .int(Int64(list.count))
    case ("size", 1, .map(let map), _): return .int(Int64(map.count))
    case ("string", 1, .int(let value), _): return .string("\(value)")
    case ("string", 1, .string(let value), _): return .string(value)
    default: throw ExpressionError("\(name) does not take these arguments")
    }
  }

  private static func contains(_ text: String, _ part: String) -> Bool {
    if part.isEmpty { return true }
    let (text, part) = (Array(text.utf8), Array(part.utf8))
    if part.count > text.count { return false }
    return (0...text.count - part.count).contains { text[$0..<$0 + part.count].elementsEqual(part) }
  }
}
