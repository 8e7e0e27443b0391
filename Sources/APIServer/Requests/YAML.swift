import JSONCore
import Objects
import Yams

/// YAML bodies, by the rules of the YAML 1.1 reader that Kubernetes uses: `yes`, `on` and `y` are booleans.
enum YAML {
  /// Nodes that one document may come to after its aliases are followed: an alias bomb stops here.
  static let nodeLimit = 1_000_000
  static let depthLimit = 1_000

  struct Reading {
    var json: JSON
    /// `line 6: key "a" already set in map`
    var duplicates: [String]
  }

  /// - Throws: 400.
  static func read(_ bytes: [UInt8]) throws(Status) -> Reading {
    var reader = Reader()
    do {
      let parser = try Parser(yaml: String(decoding: bytes, as: UTF8.self), resolver: .basic)
      guard let node = try parser.singleRoot() else { return Reading(json: .null, duplicates: []) }
      let json = try reader.json(node, depth: 0)
      return Reading(json: json, duplicates: reader.duplicates)
    } catch let error as Problem {
      throw .badRequest("yaml: \(error.message)")
    } catch {
      throw .badRequest("yaml: \(error)")
    }
  }

  private struct Problem: Error { var message: String }

  private struct Reader {
    var duplicates: [String] = []
    var count = 0

    mutating func json(_ node: Node, depth: Int) throws -> JSON {
      count += 1
      if count > nodeLimit { throw Problem(message: "document contains excessive aliasing") }
      if depth > depthLimit { throw Problem(message: "exceeded max depth of \(depthLimit)") }
      switch node {
      case .scalar(let scalar): return YAML.scalar(scalar)
      case .sequence(let sequence):
        var elements: [JSON] = []
        for element in sequence { elements.append(try json(element, depth: depth + 1)) }
        return .array(elements)
      case .mapping(let mapping): return try object(mapping, depth: depth)
      case .alias: throw Problem(message: "unknown anchor")
      }
    }

    private mutating func object(_ mapping: Node.Mapping, depth: Int) throws -> JSON {
      var members = Members()
      var merged: [JSON] = []
      var seen: Set<String> = []
      for (keyNode, valueNode) in mapping {
        guard let scalar = keyNode.scalar else { throw Problem(message: "invalid map key") }
        if scalar.string == "<<", scalar.style == .plain {
          merged.append(try json(valueNode, depth: depth + 1))
          continue
        }
        let key = YAML.key(scalar)
        if !seen.insert(key).inserted {
          duplicates.append("line \(keyNode.mark?.line ?? 0): key \(Status.quoted(key)) already set in map")
        }
        members[key] = try json(valueNode, depth: depth + 1)
      }
      for source in merged.flatMap({ $0.array ?? [$0] }) {
        for (key, value) in source.object ?? Members() where members[key] == nil { members[key] = value }
      }
      return .object(members)
    }
  }

  /// Keys of other types become text, as in JSON.
  private static func key(_ scalar: Node.Scalar) -> String {
    switch self.scalar(scalar) {
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    default: scalar.string
    }
  }

  private static func scalar(_ scalar: Node.Scalar) -> JSON {
    let text = scalar.string
    guard scalar.style == .plain || scalar.style == .any else { return .string(text) }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return true
    case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return false
    default: break
    }
    guard let first = text.utf8.first, first < 128, "+-.0123456789".utf8.contains(first) else { return .string(text) }
    return number(text.filter { $0 != "_" }) ?? .string(text)
  }

  private static func number(_ text: String) -> JSON? {
    let isNegative = text.hasPrefix("-")
    let digits = isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text
    func signed(_ digits: some StringProtocol, radix: Int) -> JSON? {
      Int64((isNegative ? "-" : "") + digits, radix: radix).map { .int($0) }
    }
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] where digits.hasPrefix(prefix) {
      return signed(digits.dropFirst(2), radix: radix)
    }
    if digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
      if digits.utf8.count > 1, digits.hasPrefix("0") { return signed(digits, radix: 8) }
      return signed(digits, radix: 10) ?? Double(text).map { .double($0) }
    }
    let allowed = digits.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || "eE+-.".utf8.contains($0) }
    guard allowed, digits.utf8.contains(where: { $0 >= 48 && $0 <= 57 }), let value = Double(text), value.isFinite
    else { return nil }
    return .double(value)
  }
}
