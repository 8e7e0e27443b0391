/// A choice of objects by fields that their resource offers for it: `status.phase=Running,metadata.name!=a`.
public struct FieldSelector: Sendable, Hashable {
  public struct Requirement: Sendable, Hashable {
    /// The path as the client wrote it: `spec.nodeName`.
    public var field: String
    /// False for `!=`.
    public var isEqual: Bool
    public var value: String

    public init(field: String, isEqual: Bool, value: String) {
      self.field = field
      self.isEqual = isEqual
      self.value = value
    }
  }

  public var requirements: [Requirement]

  public static let everything = FieldSelector(requirements: [])

  public init(requirements: [Requirement]) { self.requirements = requirements }

  public var isEmpty: Bool { requirements.isEmpty }

  /// - Parameter value: the field's value in the object; nil and "" are the same.
  public func matches(_ value: (_ field: String) -> String?) -> Bool {
    requirements.allSatisfy { ((value($0.field) ?? "") == $0.value) == $0.isEqual }
  }

  /// The value that `field` must have, when there is one: `metadata.name=x` makes a list or watch one of a single name.
  public func requiredValue(_ field: String) -> String? {
    requirements.first { $0.field == field && $0.isEqual }?.value
  }
}

extension FieldSelector {
  /// Reads the text of a `fieldSelector` parameter. `\`, `,` and `=` in a value are escaped with a backslash.
  public init(parsing text: String) throws(SelectorError) {
    requirements = []
    for term in Self.terms(of: text).sorted() where !term.isEmpty {
      guard let (field, isEqual, value) = Self.split(term) else {
        throw SelectorError("invalid selector: '\(text)'; can't understand '\(term)'")
      }
      requirements.append(Requirement(field: field, isEqual: isEqual, value: try Self.unescaped(value)))
    }
  }

  /// The pieces between commas that no backslash precedes.
  private static func terms(of text: String) -> [String] {
    var terms: [String] = []
    var term = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in text.unicodeScalars {
      if scalar == "," && !isEscaped {
        terms.append(String(term))
        term = String.UnicodeScalarView()
      } else {
        term.append(scalar)
      }
      isEscaped = scalar == "\\" && !isEscaped
    }
    return terms + [String(term)]
  }

  private static func split(_ term: String) -> (field: String, isEqual: Bool, value: String)? {
    let bytes = Array(term.utf8)
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    for index in bytes.indices {
      let isFollowed = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "=")
      if bytes[index] == UInt8(ascii: "!") && isFollowed {
        return (text(0..<index), false, text(index + 2..<bytes.count))
      }
      if bytes[index] == UInt8(ascii: "=") {
        return (text(0..<index), true, text(index + (isFollowed ? 2 : 1)..<bytes.count))
      }
    }
    return nil
  }

  private static func unescaped(_ text: String) throws(SelectorError) -> String {
    var result = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in text.unicodeScalars {
      let isSpecial = scalar == "\\" || scalar == "," || scalar == "="
      if isEscaped {
        guard isSpecial else { throw SelectorError("invalid field selector: invalid escape sequence: \\\(scalar)") }
        result.append(scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else if isSpecial {
        throw SelectorError("invalid field selector: unescaped character in value: \(scalar.value)")
      } else {
        result.append(scalar)
      }
    }
    if isEscaped { throw SelectorError("invalid field selector: invalid escape sequence: \\") }
    return String(result)
  }
}

extension FieldSelector: CustomStringConvertible {
  /// The canonical text, which `init(parsing:)` reads back.
  public var description: String {
    requirements.map { "\($0.field)\($0.isEqual ? "=" : "!=")\(Self.escaped($0.value))" }.joined(separator: ",")
  }

  private static func escaped(_ value: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in value.unicodeScalars {
      if scalar == "\\" || scalar == "," || scalar == "=" { result.append("\\") }
      result.append(scalar)
    }
    return String(result)
  }
}
