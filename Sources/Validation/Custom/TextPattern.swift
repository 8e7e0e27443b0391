import Synchronization

/// A regular expression of a schema, which may match anywhere in a text.
final class TextPattern: Sendable {
  let text: String
  /// nil where the expression cannot be read; it then matches nothing.
  private let expression: Mutex<Regex<AnyRegexOutput>?>

  init(_ text: String) {
    self.text = text
    expression = Mutex(Self.compiled(text))
  }

  /// Whether the text is a regular expression at all.
  static func isValid(_ text: String) -> Bool { compiled(text) != nil }

  func matches(_ value: String) -> Bool {
    expression.withLock { expression in
      guard let expression else { return false }
      do { return try expression.firstMatch(in: value) != nil } catch { return false }
    }
  }

  private static func compiled(_ text: String) -> Regex<AnyRegexOutput>? {
    do { return try Regex(text).matchingSemantics(.unicodeScalar) } catch { return nil }
  }
}
