import JSONCore
import Objects

/// Whether values are what a schema asks for, in the words of the stock server's validator (kube-openapi).
extension CustomSchema {
  /// - Parameters:
  ///   - old: what the value replaces; what is equal in it was judged before, and by rules that may have changed since
  ///     (KEP-4008).
  ///   - base: where the value stands in its object; messages name places by their way from the value alone.
  package func faults(_ value: JSON, replacing old: JSON? = nil, at base: Path = .root) -> [FieldError] {
    var judge = ValueJudge(base: base.description)
    judge.judge(value, self, Path(), old: old)
    return judge.errors
  }
}

/// One walk over a value and its schema.
struct ValueJudge {
  let base: String
  private(set) var errors: [FieldError] = []

  init(base: String) { self.base = base }

  mutating func judge(_ value: JSON, _ schema: CustomSchema, _ path: Path, old: JSON?) {
    if value.isNull, schema.isNullable { return }
    if let old, old == value { return }
    type(value, schema, path)
    alternatives(value, schema, path, old)
    switch value {
    case .string(let text): string(text, schema, path)
    case .int, .double: number(value, schema, path)
    case .array(let elements): list(elements, schema, path, old)
    default: break
    }
    if let allowed = schema.bounds.allowed, !allowed.contains(value) {
      add(.notSupported(Path(), value, allowed.map { $0.string ?? $0.text }), path)
    }
    if let members = value.object { object(members, schema, path, old) }
  }

  // MARK: - what a fault is called

  /// The field that an error is about, from the top of the object.
  private func field(_ path: Path) -> String {
    let text = path.description
    return base.isEmpty || text.isEmpty ? base + text : base + "." + text
  }

  private mutating func add(_ error: FieldError, _ path: Path) {
    errors.append(FieldError(reason: error.reason, field: field(path), message: error.message))
  }

  private mutating func invalid(_ value: JSON, _ path: Path, _ rule: String) {
    add(.invalid(Path(), value, "\(path) in body \(rule)"), path)
  }

  /// A fault that the validator ties to no field.
  private mutating func invalid(_ message: String) {
    errors.append(
      FieldError(reason: .invalid, field: base.isEmpty ? "<nil>" : base, message: "Invalid value: \"\": \(message)"))
  }

  // MARK: - rules

  private mutating func type(_ value: JSON, _ schema: CustomSchema, _ path: Path) {
    let found = value.schemaType
    if schema.isIntOrString {
      if found != "integer", found != "string" { wrongType(found, "integer,string", path) }
      return
    }
    let isRight = schema.type.isEmpty || found == schema.type || (schema.type == "number" && found == "integer")
    if !isRight { wrongType(found, schema.type, path) }
  }

  private mutating func wrongType(_ found: String, _ wanted: String, _ path: Path) {
    add(.typeInvalid(Path(), .string(found), "\(path) in body must be of type \(wanted): \"\(found)\""), path)
  }

  private mutating func string(_ text: String, _ schema: CustomSchema, _ path: Path) {
    let bounds = schema.bounds
    if let limit = bounds.maxLength, text.unicodeScalars.count > limit { add(.tooLong(Path(), limit: limit), path) }
    if let limit = bounds.minLength, text.unicodeScalars.count < limit {
      invalid(.string(text), path, "should be at least \(limit) chars long")
    }
    if let pattern = bounds.pattern, !pattern.matches(text) {
      invalid(.string(text), path, "should match '\(pattern.text)'")
    }
    if !TextFormat.accepts(text, bounds.format) {
      add(.typeInvalid(Path(), .string(text), "\(path) in body must be of type \(bounds.format): \"\(text)\""), path)
    }
  }

  private mutating func number(_ value: JSON, _ schema: CustomSchema, _ path: Path) {
    guard let number = value.double else { return }
    let bounds = schema.bounds
    if schema.type == "integer" {
      let isFit: Bool =
        switch bounds.format {
        case "int32": Int32(exactly: number) != nil
        default: value.int != nil
        }
      let format = bounds.format.isEmpty ? "(default format)" : "with format \(bounds.format)"
      if !isFit { invalid("Checked value must be of type integer \(format) in \(path)") }
    }
    if let factor = bounds.multipleOf, factor > 0, (number / factor).rounded() * factor != number {
      invalid(value, path, "should be a multiple of \(Self.text(factor))")
    }
    if let limit = bounds.maximum, bounds.excludesMaximum ? number >= limit : number > limit {
      invalid(value, path, "should be less than \(bounds.excludesMaximum ? "" : "or equal to ")\(Self.text(limit))")
    }
    if let limit = bounds.minimum, bounds.excludesMinimum ? number <= limit : number < limit {
      invalid(value, path, "should be greater than \(bounds.excludesMinimum ? "" : "or equal to ")\(Self.text(limit))")
    }
  }

  private static func text(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? String(number)
  }

  private mutating func list(_ elements: [JSON], _ schema: CustomSchema, _ path: Path, _ old: JSON?) {
    let bounds = schema.bounds
    if let limit = bounds.minItems, elements.count < limit {
      invalid(JSON(elements.count), path, "should have at least \(limit) items")
    }
    if let limit = bounds.maxItems, elements.count > limit {
      add(.tooMany(Path(), count: elements.count, limit: limit), path)
    }
    if bounds.hasUniqueItems, Set(elements.map(\.text)).count < elements.count {
      invalid(.array(elements), path, "shouldn't contain duplicates")
    }
    guard let items = schema.items else { return }
    let before = schema.listType == .map ? schema.byIdentity(old) : [:]
    for (index, element) in elements.enumerated() {
      let old = before.isEmpty ? nil : schema.identity(of: element).flatMap { before[$0.text] }
      judge(element, items, path.index(index), old: old)
    }
  }

  private mutating func object(_ members: Members, _ schema: CustomSchema, _ path: Path, _ old: JSON?) {
    let bounds = schema.bounds
    if let limit = bounds.minProperties, members.count < limit {
      invalid(JSON(members.count), path, "should have at least \(limit) properties")
    }
    if let limit = bounds.maxProperties, members.count > limit {
      add(.tooMany(Path(), count: members.count, limit: limit), path)
    }
    for name in schema.required where members[name] == nil { add(.required(Path()), path.child(name)) }
    for (name, value) in members {
      guard let child = schema.property(name) ?? schema.additional else { continue }
      judge(value, child, path.child(name), old: old?[name])
    }
  }

  // MARK: - combinations

  private mutating func alternatives(_ value: JSON, _ schema: CustomSchema, _ path: Path, _ old: JSON?) {
    let parts = schema.allOf.flatMap { faults(value, $0, path, old) }
    errors += parts
    if !parts.isEmpty { invalid("\"\(path)\" must validate all the schemas (allOf)") }
    if !schema.anyOf.isEmpty {
      let results = schema.anyOf.map { faults(value, $0, path, old) }
      if !results.contains(where: \.isEmpty) {
        invalid("\"\(path)\" must validate at least one schema (anyOf)")
        errors += Self.mildest(results)
      }
    }
    if !schema.oneOf.isEmpty {
      let results = schema.oneOf.map { faults(value, $0, path, old) }
      let fitting = results.count { $0.isEmpty }
      if fitting != 1 {
        let found = fitting == 0 ? "Found none valid" : "Found \(fitting) valid alternatives"
        invalid("\"\(path)\" must validate one and only one schema (oneOf). \(found)")
        if fitting == 0 { errors += Self.mildest(results) }
      }
    }
    if let not = schema.not, faults(value, not, path, nil).isEmpty {
      invalid("\"\(path)\" must not validate the schema (not)")
    }
  }

  private func faults(_ value: JSON, _ schema: CustomSchema, _ path: Path, _ old: JSON?) -> [FieldError] {
    var judge = ValueJudge(base: base)
    judge.judge(value, schema, path, old: old)
    return judge.errors
  }

  /// Of several ways to fail, the one with the fewest faults.
  private static func mildest(_ results: [[FieldError]]) -> [FieldError] {
    results.min { $0.count < $1.count } ?? []
  }
}

extension JSON {
  /// What JSON schema calls the value's type.
  var schemaType: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .int: "integer"
    case .double(let value): Int64(exactly: value) == nil ? "number" : "integer"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    case .encoded(let text): text.value.schemaType
    }
  }
}
