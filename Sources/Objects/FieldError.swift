import JSONCore

/// What is wrong with one field: the element of a 422 answer's causes (`field.Error` of apimachinery).
public struct FieldError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: String, Sendable {
    case required = "FieldValueRequired"
    case invalid = "FieldValueInvalid"
    case duplicate = "FieldValueDuplicate"
    case notFound = "FieldValueNotFound"
    case notSupported = "FieldValueNotSupported"
    case forbidden = "FieldValueForbidden"
    case tooLong = "FieldValueTooLong"
    case tooMany = "FieldValueTooMany"
    case typeInvalid = "FieldValueTypeInvalid"
    case internalError = "InternalError"
  }

  public var reason: Reason
  public var field: String
  /// The message after the field's name: `Invalid value: -1: must be greater than or equal to 0`.
  public var message: String

  public var description: String { "\(field.isEmpty ? "<nil>" : field): \(message)" }

  public var cause: Status.Cause { Status.Cause(reason: reason.rawValue, message: message, field: field) }

  public static func required(_ path: Path, _ detail: String = "") -> FieldError {
    FieldError(reason: .required, path, "Required value", detail)
  }

  public static func invalid(_ path: Path, _ value: JSON, _ detail: String) -> FieldError {
    FieldError(reason: .invalid, path, "Invalid value: \(shown(value))", detail)
  }

  public static func duplicate(_ path: Path, _ value: JSON) -> FieldError {
    FieldError(reason: .duplicate, path, "Duplicate value: \(shown(value))", "")
  }

  public static func notFound(_ path: Path, _ value: JSON) -> FieldError {
    FieldError(reason: .notFound, path, "Not found: \(shown(value))", "")
  }

  /// - Parameter supported: the allowed values, in the order in which they are to be listed.
  public static func notSupported(_ path: Path, _ value: JSON, _ supported: [String]) -> FieldError {
    let list = supported.map(Status.quoted).joined(separator: ", ")
    return FieldError(
      reason: .notSupported, path, "Unsupported value: \(shown(value))",
      supported.isEmpty ? "" : "supported values: \(list)")
  }

  public static func forbidden(_ path: Path, _ detail: String) -> FieldError {
    FieldError(reason: .forbidden, path, "Forbidden", detail)
  }

  /// - Parameter limit: bytes.
  public static func tooLong(_ path: Path, limit: Int) -> FieldError {
    FieldError(reason: .tooLong, path, "Too long", "may not be more than \(limit) bytes")
  }

  public static func tooMany(_ path: Path, count: Int, limit: Int) -> FieldError {
    FieldError(reason: .tooMany, path, "Too many: \(count)", "must have at most \(limit) item\(limit == 1 ? "" : "s")")
  }

  public static func typeInvalid(_ path: Path, _ value: JSON, _ detail: String) -> FieldError {
    FieldError(reason: .typeInvalid, path, "Invalid value: \(shown(value))", detail)
  }

  public init(reason: Reason, field: String, message: String) {
    self.reason = reason
    self.field = field
    self.message = message
  }

  private init(reason: Reason, _ path: Path, _ start: String, _ detail: String) {
    self.init(reason: reason, field: path.description, message: detail.isEmpty ? start : "\(start): \(detail)")
  }

  /// Strings in quotes, numbers and booleans bare, the rest as JSON.
  private static func shown(_ value: JSON) -> String { value.text }
}
