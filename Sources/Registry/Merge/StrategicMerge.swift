import JSONCore
import Objects
import Schemas

/// The object after a strategic merge patch: lists merge by the keys that the schema names, and directives in the patch
/// (`$patch`, `$retainKeys`, `$setElementOrder/x`, `$deleteFromPrimitiveList/x`) say what plain JSON cannot.
/// - Throws: 400 for a patch that is no object or has malformed directives, 422 and 500 where the stock server answers so.
public func strategicMerge(_ original: JSON, patch: JSON, schema: ObjectSchema) throws(Status) -> JSON {
  switch patch {
  case .null: return original
  case .object(let members):
    return .object(try StrategicMerge.merge(original.object ?? Members(), members, .object(schema)))
  default:
    throw .badRequest("json: cannot unmarshal \(patch.goKind) into Go value of type map[string]interface {}")
  }
}

enum StrategicMerge {
  static let directive = "$patch"
  static let retainKeys = "$retainKeys"
  static let elementOrder = "$setElementOrder/"
  static let deletion = "$deleteFromPrimitiveList/"

  /// What the schema says of the members of an object that is being patched.
  enum Place {
    case object(ObjectSchema)
    case map(FieldType)
    case unknown

    init(_ type: FieldType?) {
      switch type {
      case .object(let schema)?: self = .object(schema)
      case .map(let value)?: self = .map(value)
      default: self = .unknown
      }
    }
  }

  static func merge(_ original: Members, _ patch: Members, _ place: Place) throws(Status) -> Members {
    if let directive = patch[directive] {
      switch directive {
      case "replace":
        var replacement = patch
        replacement[self.directive] = nil
        return withoutDirectives(replacement)
      case "delete": return Members()
      default: throw unknownDirective(directive, in: patch)
      }
    }
    var result = original
    var patch = patch
    try retainKeys(of: &patch, in: &result)
    try mergeOrderedLists(&result, &patch, place)
    for (key, change) in patch {
      if key.hasPrefix(deletion) {
        try delete(change, from: &result, String(key.dropFirst(deletion.count)), place)
      } else {
        try merge(change, into: &result, key, place)
      }
    }
    return result
  }

  private static func merge(
    _ change: JSON, into members: inout Members, _ key: String, _ place: Place
  ) throws(Status) {
    guard !change.isNull else {
      members[key] = JSON?.none
      return
    }
    switch (members[key], change) {
    case (.object(let old)?, .object(let new)):
      let field = try lookup(key, place)
      members[key] =
        field.strategy.replaces
        ? .object(withoutDirectives(new)) : .object(try merge(old, new, Place(field.type)))
    case (.array(let old)?, .array(let new)):
      let field = try lookup(key, place)
      members[key] =
        field.strategy.merges ? .array(try mergeList(old, new, field)) : .array(new.compactMap(withoutDirectives))
    default: members[key] = withoutDirectives(change)
    }
  }

  /// How a field is patched.
  struct PatchedField {
    var type: FieldType?
    var strategy = PatchStrategy()
    var mergeKey: String?

    var itemPlace: Place { Place(type?.element) }
  }

  static func lookup(_ key: String, _ place: Place) throws(Status) -> PatchedField {
    switch place {
    case .object(let schema):
      guard let field = schema.field(key) else {
        if schema.preservesUnknownFields { return PatchedField() }
        throw failure(
          "unable to find api field in struct \(schema.goName) for the json field \(Status.quoted(key))")
      }
      return PatchedField(type: field.type, strategy: field.patchStrategy, mergeKey: field.mergeKey)
    case .map(let value): return PatchedField(type: value)
    case .unknown: return PatchedField()
    }
  }

  /// `$retainKeys` names all members that may be left; the patch may set no others.
  private static func retainKeys(of patch: inout Members, in members: inout Members) throws(Status) {
    guard let list = patch.removeValue(forKey: retainKeys) else { return }
    guard let keys = list.array else { throw .badRequest("invalid patch format of retainKeys") }
    let kept = Set(keys.compactMap(\.string))
    for (key, value) in patch where !value.isNull && !key.hasPrefix(deletion) && !key.hasPrefix(elementOrder) {
      if !kept.contains(key) { throw .badRequest("invalid patch format of retainKeys") }
    }
    members = members.compactMapValues { key, value in kept.contains(key) ? value : nil }
  }

  private static func delete(
    _ values: JSON, from members: inout Members, _ key: String, _ place: Place
  ) throws(Status) {
    guard let values = values.array else { throw .badRequest("invalid patch format of primitive list") }
    guard let old = members[key]?.array else { return }
    members[key] = .array(old.filter { !values.contains($0) })
  }

  /// A value that is new to the object: nulls and directives are left out of it.
  static func withoutDirectives(_ value: JSON) -> JSON? {
    switch value {
    case .null: return nil
    case .array(let elements): return .array(elements.compactMap(withoutDirectives))
    case .object(let members):
      // An item that asks for its own deletion leaves nothing behind.
      return members[directive] == nil ? .object(withoutDirectives(members)) : nil
    default: return value
    }
  }

  private static func withoutDirectives(_ members: Members) -> Members {
    members.compactMapValues { key, value in
      if key == retainKeys || key.hasPrefix(elementOrder) || key.hasPrefix(deletion) { return nil }
      if case .object(var nested) = value, nested[directive] == "replace" {
        nested[directive] = JSON?.none
        return .object(withoutDirectives(nested))
      }
      return withoutDirectives(value)
    }
  }

  static func unknownDirective(_ directive: JSON, in patch: Members) -> Status {
    failure("unknown patch type: \(directive.goText) in map: \(JSON.object(patch).goText)")
  }

  /// Plain errors of the merge come out as 500, without a reason.
  static func failure(_ message: String) -> Status { Status(code: 500, reason: "", message: message) }
}
