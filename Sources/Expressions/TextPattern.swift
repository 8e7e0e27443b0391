import Synchronization

/// A regular expression, which may match anywhere in a text.
package final class TextPattern: Sendable {
  package let text: String
  /// nil where the expression cannot be read; it then matches nothing.
  private let expression: Mutex<Regex<AnyRegexOutput>?>

  package init(_ text: String) {
    self.text = text
    expression = Mutex(Self.compiled(text))
  }

  /// Whether the text is a regular expression at all.
  package static func isValid(_ text: String) -> Bool { compiled(text) != nil }

  package func matches(_ value: String) -> Bool {
    expression.withLock { expression in
      guard let expression else { return false }
      do { return try expression.firstMatch(in: value) != nil } catch { return false }
    }
  }

  /// The parts of a text that match, from the left.
  func ranges(in value: String) -> [Range<String.Index>] {
    expression.withLock { expression in
      guard let expression else { return [] }
      return value.ranges(of: expression)
    }
  }

  private static func compiled(_ text: String) -> Regex<AnyRegexOutput>? {
    do { return try Regex(text).matchingSemantics(.unicodeScalar) } catch { return nil }
  }
}
