import CYaml
import JSONCore
import Objects

/// YAML bodies, by the rules of the YAML 1.1 reader that Kubernetes uses: `yes`, `on` and `y` are booleans.
///
/// It reads the events of libyaml (the C library within Yams) itself: repeated keys are to be told, not refused, and an
/// alias bomb must end before it has gone off.
public enum YAML {
  /// What one document may come to after its aliases are followed: nodes, and every 16 bytes of text.
  static let sizeLimit = 4_000_000
  static let depthLimit = JSON.maximumDepth
  /// libyaml compares each directive with all before it; nobody needs more than two.
  static let directiveLimit = 100

  public struct Reading {
    public var json: JSON
    /// `line 6: key "a" already set in map`
    public var duplicates: [String]
  }

  /// Reads the first document.
  /// - Throws: 400.
  public static func read(_ bytes: [UInt8]) throws(Status) -> Reading {
    if let json = readAsJSON(bytes) { return Reading(json: json, duplicates: []) }
    let result: Result<Reading, Problem> = bytes.withUnsafeBufferPointer { bytes in
      do throws(Problem) {
        if hasManyDirectives(bytes) { throw Problem(message: "too many directives") }
        var reader = Reader(bytes)
        defer { reader.close() }
        return .success(try reader.document())
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let reading): return reading
    case .failure(let problem): throw .badRequest("yaml: \(problem.message)")
    }
  }

  /// JSON is YAML, and what most clients send; reading it as such takes a small part of the time.
  /// - Returns: nil for what is not JSON, and for repeated keys, of which the YAML reader speaks in its own words.
  private static func readAsJSON(_ bytes: [UInt8]) -> JSON? {
    guard bytes.first(where: { $0 != 32 && $0 != 10 }) == UInt8(ascii: "{"),
      let body = try? Call.json(bytes), body.duplicates.isEmpty
    else { return nil }
    return body.json
  }

  private static func hasManyDirectives(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var rest = bytes[...]
    var count = 0
    while let first = rest.first(where: { $0 > UInt8(ascii: " ") }), count <= directiveLimit {
      switch first {
      case UInt8(ascii: "%"): count += 1
      case UInt8(ascii: "#"): break
      default: return false
      }
      guard let start = rest.firstIndex(of: first), let end = rest[start...].firstIndex(where: { $0 == 10 || $0 == 13 })
      else { return false }
      rest = rest[end...].dropFirst()
    }
    return count > directiveLimit
  }

  struct Problem: Error {
    var message: String

    static let tooDeep = Problem(message: "exceeded max depth of \(depthLimit)")
  }

  /// A value and what it weighs when an alias repeats it.
  private struct Anchored {
    var json: JSON
    var count: Int
  }

  /// A descent over the events.
  private struct Reader {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private var duplicates: [String] = []
    private var anchors: [String: Anchored] = [:]
    private var count = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
      parser = .allocate(capacity: 1)
      parser.initialize(to: yaml_parser_t())
      yaml_parser_initialize(parser)
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    func close() {
      yaml_parser_delete(parser)
      parser.deallocate()
    }

    mutating func document() throws(Problem) -> Reading {
      while true {
        let event = try next()
        switch event.type {
        case YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT: continue
        case YAML_STREAM_END_EVENT, YAML_DOCUMENT_END_EVENT: return Reading(json: .null, duplicates: [])
        default: return Reading(json: try value(event, depth: 0), duplicates: duplicates)
        }
      }
    }

    /// What of an event is of use here.
    private struct Event {
      var type = YAML_NO_EVENT
      var text = ""
      var anchor: String?
      var isPlain = false
      /// From 1.
      var line = 0
    }

    private func next() throws(Problem) -> Event {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else {
        let why = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
        throw Problem(message: "line \(parser.pointee.problem_mark.line + 1): \(why)")
      }
      defer { yaml_event_delete(&event) }
      var result = Event(type: event.type, line: Int(event.start_mark.line) + 1)
      switch event.type {
      case YAML_SCALAR_EVENT:
        let scalar = event.data.scalar
        result.text = String(
          decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
        result.isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.tag == nil
        result.anchor = Self.text(scalar.anchor)
      case YAML_SEQUENCE_START_EVENT: result.anchor = Self.text(event.data.sequence_start.anchor)
      case YAML_MAPPING_START_EVENT: result.anchor = Self.text(event.data.mapping_start.anchor)
      case YAML_ALIAS_EVENT: result.anchor = Self.text(event.data.alias.anchor)
      default: break
      }
      return result
    }

    private static func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
      bytes.map { String(cString: UnsafePointer($0)) }
    }

    private mutating func add(_ size: Int) throws(Problem) {
      count += size
      if count > sizeLimit { throw Problem(message: "document contains excessive aliasing") }
    }

    private mutating func value(_ event: Event, depth: Int) throws(Problem) -> JSON {
      if depth > depthLimit { throw .tooDeep }
      if event.type == YAML_ALIAS_EVENT {
        guard let name = event.anchor, let known = anchors[name] else {
          throw Problem(message: "unknown anchor '\(event.anchor ?? "")' referenced")
        }
        try add(known.count)
        if known.json.isDeeper(than: depthLimit - depth) { throw .tooDeep }
        return known.json
      }
      let before = count
      try add(1 + event.text.utf8.count / 16)
      let json: JSON
      switch event.type {
      case YAML_SCALAR_EVENT: json = YAML.scalar(event.text, isPlain: event.isPlain)
      case YAML_SEQUENCE_START_EVENT: json = try sequence(depth: depth)
      case YAML_MAPPING_START_EVENT: json = try mapping(depth: depth)
      default: throw Problem(message: "line \(event.line): did not find expected node content")
      }
      if let name = event.anchor { anchors[name] = Anchored(json: json, count: count - before) }
      return json
    }

    private mutating func sequence(depth: Int) throws(Problem) -> JSON {
      var elements: [JSON] = []
      while true {
        let event = try next()
        if event.type == YAML_SEQUENCE_END_EVENT { return .array(elements) }
        elements.append(try value(event, depth: depth + 1))
      }
    }

    private mutating func mapping(depth: Int) throws(Problem) -> JSON {
      var members: [String: JSON] = [:]
      var merged: [JSON] = []
      while true {
        let event = try next()
        if event.type == YAML_MAPPING_END_EVENT { break }
        guard event.type == YAML_SCALAR_EVENT else {
          throw Problem(message: "line \(event.line): invalid map key")
        }
        try add(1 + event.text.utf8.count / 16)
        let value = try value(try next(), depth: depth + 1)
        if event.isPlain, event.text == "<<" {
          merged += value.array ?? [value]
          continue
        }
        let key = YAML.key(event.text, isPlain: event.isPlain)
        if members.updateValue(value, forKey: key) != nil {
          duplicates.append("line \(event.line): key \(Status.quoted(key)) already set in map")
        }
      }
      for source in merged {
        for (key, value) in source.object ?? Members() where members[key] == nil { members[key] = value }
      }
      return .object(Members(members.map { ($0.key, $0.value) }))
    }
  }

  // MARK: - scalars

  /// Keys of other types become text, as in JSON.
  private static func key(_ text: String, isPlain: Bool) -> String {
    switch scalar(text, isPlain: isPlain) {
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    default: text
    }
  }

  private static func scalar(_ text: String, isPlain: Bool) -> JSON {
    guard isPlain else { return .string(text) }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return true
    case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return false
    default: break
    }
    guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return .string(text) }
    return number(text.filter { $0 != "_" }) ?? .string(text)
  }

  private static func number(_ text: String) -> JSON? {
    let isNegative = text.hasPrefix("-")
    let digits = isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text
    func signed(_ digits: some StringProtocol, radix: Int) -> JSON? {
      guard !digits.hasPrefix("-"), !digits.hasPrefix("+") else { return nil }
      return Int64((isNegative ? "-" : "") + digits, radix: radix).map { .int($0) }
    }
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] where digits.hasPrefix(prefix) {
      return signed(digits.dropFirst(2), radix: radix)
    }
    if !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
      if digits.utf8.count > 1, digits.hasPrefix("0") { return signed(digits, radix: 8) }
      return signed(digits, radix: 10) ?? Double(text).map { .double($0) }
    }
    let allowed = digits.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || "eE+-.".utf8.contains($0) }
    guard allowed, digits.utf8.contains(where: { $0 >= 48 && $0 <= 57 }), let value = Double(text), value.isFinite
    else { return nil }
    return .double(value)
  }
}
