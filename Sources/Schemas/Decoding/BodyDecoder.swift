import JSONCore
import Objects
import Values

/// One walk over a body and its schema: checks types, drops what is not declared, brings values into the form in which
/// they are stored, and sets defaults. What comes out is what Go would write after reading the body into its structs.
///
/// Every step answers nil for a value that stays as it is, so that only what changes is built anew.
struct BodyDecoder {
  let setsDefaults: Bool
  /// The paths of dropped fields.
  private(set) var unknown: [String] = []
  /// Where a value of a wrong type stands: the innermost type, and the fields on the way to it, innermost first.
  private var owner: ObjectSchema?
  private var names: [String] = []

  /// More unknown fields than this are not worth a warning each.
  private static let maximumUnknown = 100

  init(setsDefaults: Bool) { self.setsDefaults = setsDefaults }

  /// Decodes a whole body.
  static func decode(
    _ json: JSON, _ schema: ObjectSchema, setsDefaults: Bool, stored: JSON? = nil, unknown: inout [String]
  ) throws(DecodeError) -> JSON {
    var decoder = BodyDecoder(setsDefaults: setsDefaults)
    do {
      let result = try decoder.object(json, schema, stored: stored) ?? json
      unknown += decoder.unknown
      return result
    } catch {
      throw decoder.completed(error)
    }
  }

  /// - Parameter stored: the object that a change started from: what is untouched in it needs no second look.
  mutating func object(_ json: JSON, _ schema: ObjectSchema, stored: JSON? = nil) throws(BodyError) -> JSON? {
    guard case .object(let members) = json else {
      if schema.isStructural { return nil }
      throw .type(json, schema.goType)
    }
    let stored: Members? = if case .object(let members)? = stored { members } else { nil }
    var writer = FieldWriter(members)
    var filling = 0
    for source in 0..<members.count {
      let key = members.key(at: source)
      guard let index = schema.table.position(of: key) else {
        try unknown(schema, key, members.value(at: source), at: source, &writer, &filling)
        continue
      }
      try fill(schema, before: index, at: source, &writer, &filling)
      var value = members.value(at: source)
      let before = stored?.untouched(key)
      if before.map(value.isIdentical) ?? false {
        writer.keep(source)
        passFilling(schema, index, &filling)
        continue
      }
      if case .encoded(let text) = value {
        if schema.fields[index].type.isFieldSet {
          writer.keep(source)
          passFilling(schema, index, &filling)
          continue
        }
        value = text.value
      }
      switch try member(value, schema, index, before) {
      case .same: writer.keep(source)
      case .changed(let value): writer.replace(source, value)
      case .absent:
        writer.drop(source)
        continue
      }
      passFilling(schema, index, &filling)
    }
    try fill(schema, before: .max, at: members.count, &writer, &filling)
    guard setsDefaults, let rule = schema.conditionalDefaults else { return writer.changed }
    var result = writer.changed ?? json
    rule(&result)
    return result
  }

  /// A field that the object came with needs no filling.
  private func passFilling(_ schema: ObjectSchema, _ index: Int, _ filling: inout Int) {
    if filling < schema.filled.count, schema.filled[filling].index == index { filling += 1 }
  }

  private enum Outcome {
    case same
    case changed(JSON)
    case absent
  }

  /// - Parameter stored: what the change started from.
  private mutating func member(
    _ json: JSON, _ schema: ObjectSchema, _ index: Int, _ stored: JSON?
  ) throws(BodyError) -> Outcome {
    let entry = schema.table.entries + index
    if json.isNull {
      return schema.isStructural && entry.pointee.field.isNullable ? .same : .absent
    }
    let before = unknown.count
    let changed: JSON?
    do {
      changed =
        try schema.isStructural ? structural(json, entry.pointee.field.type) : value(json, entry, stored: stored)
    } catch {
      if owner == nil { owner = schema }
      names.append(entry.pointee.field.name)
      throw error
    }
    if unknown.count > before { prepend(entry.pointee.field.name, from: before) }
    let zero = entry.pointee.zero
    if zero != .keep, zero == .omit || entry.pointee.hasDefault {
      if entry.pointee.field.type.isZero(changed ?? json) { return .absent }
    }
    if zero == .show, case .array(let elements) = changed ?? json, elements.isEmpty {
      // Stored objects do not tell an empty list from none.
      return schema.isStructural ? .same : .changed(.null)
    }
    return changed.map { .changed($0) } ?? .same
  }

  /// Writes what an object gets though it came without it.
  private mutating func fill(
    _ schema: ObjectSchema, before index: Int, at source: Int, _ writer: inout FieldWriter, _ filling: inout Int
  ) throws(BodyError) {
    while filling < schema.filled.count, schema.filled[filling].index < index {
      try fillOne(schema, at: source, &writer, &filling)
    }
  }

  private mutating func fillOne(
    _ schema: ObjectSchema, at source: Int, _ writer: inout FieldWriter, _ filling: inout Int
  ) throws(BodyError) {
    let fill = schema.filled[filling]
    filling += 1
    let field = schema.fields[fill.index]
    guard setsDefaults || field.zero == .show else { return }
    var value = setsDefaults || field.defaultValue == nil ? fill.value : field.type.zeroValue
    if case .object(let inner) = field.type, let completed = try object(value, inner) { value = completed }
    writer.insert(field.name, value, before: source)
  }

  private mutating func unknown(
    _ schema: ObjectSchema, _ key: String, _ value: JSON, at source: Int, _ writer: inout FieldWriter,
    _ filling: inout Int
  ) throws(BodyError) {
    guard schema.preservesUnknownFields else {
      writer.drop(source)
      if unknown.count < Self.maximumUnknown { unknown.append(key) }
      return
    }
    while filling < schema.filled.count,
      schema.fields[schema.filled[filling].index].name.utf8.lexicographicallyPrecedes(key.utf8)
    {
      try fillOne(schema, at: source, &writer, &filling)
    }
    writer.keep(source)
  }

  /// Puts a step in front of the paths found since.
  mutating func prepend(_ step: String, from start: Int) {
    for index in start..<unknown.count {
      unknown[index] = step + (unknown[index].hasPrefix("[") ? "" : ".") + unknown[index]
    }
  }

  var unknownCount: Int { unknown.count }

  /// Go names the innermost struct, and all fields on the way to the value.
  private func completed(_ error: BodyError) -> DecodeError {
    switch error {
    case .message(let message): return DecodeError(message)
    case .type(let json, let expected):
      let path = names.reversed().joined(separator: ".")
      let target = owner.map { "Go struct field \($0.goName).\(path)" } ?? "Go value"
      let isNumber = expected.hasPrefix("int") || expected.hasPrefix("float")
      return DecodeError(
        "json: cannot unmarshal \(json.goKind(withNumber: isNumber)) into \(target) of type \(expected)")
    }
  }
}

/// Why a walk ended early.
enum BodyError: Error {
  /// A value where one of another Go type belongs.
  case type(JSON, String)
  case message(String)
}
