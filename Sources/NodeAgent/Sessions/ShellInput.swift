/// Standard input that comes while a program runs.
///
/// Commands take what they need. When that has not come yet they are put back to where they were, and tried again when it has:
/// `hunger` says that, and how much it must be.
struct ShellInput: Sendable {
  enum Hunger: Sendable, Equatable {
    /// Anything, or the end.
    case some
    /// All up to the end.
    case all
  }

  /// The most that is taken at a time by who takes anything: what becomes of it is passed on in such pieces.
  static let pieceBytes = 64 * 1024

  private(set) var text = ""
  /// More may come.
  var isOpen = false
  var hunger: Hunger?
  /// Ctrl-D at a terminal: the end for whoever reads next, and for nobody after.
  private var hasEndMark = false

  /// In bytes.
  var count: Int { text.utf8.count }

  mutating func feed(_ more: String) { text += more }

  mutating func markEnd() { hasEndMark = true }

  /// All that comes up to the end; "" when it has not come yet.
  mutating func all() -> String {
    if isOpen, !takeEndMark() {
      hunger = .all
      return ""
    }
    defer { text = "" }
    return text
  }

  /// The next line without its end; nil at the end, and when it has not come yet.
  mutating func line() -> String? {
    guard let end = text.utf8.firstIndex(of: UInt8(ascii: "\n")) else {
      if isOpen, !takeEndMark() {
        hunger = .some
        return nil
      }
      defer { text = "" }
      return text.isEmpty ? nil : text
    }
    defer { text = String(text[text.utf8.index(after: end)...]) }
    return String(text[..<end])
  }

  /// What is there, or the beginning of it; nil at the end, and when nothing is there yet.
  mutating func some() -> String? {
    if text.isEmpty {
      if isOpen, !takeEndMark() { hunger = .some }
      return nil
    }
    let bytes = text.utf8
    guard var end = bytes.index(bytes.startIndex, offsetBy: Self.pieceBytes, limitedBy: bytes.endIndex),
      end < bytes.endIndex
    else {
      defer { text = "" }
      return text
    }
    // Not in the midst of a character's bytes.
    while bytes[end] & 0xC0 == 0x80 { end = bytes.index(before: end) }
    defer { text = String(text[end...]) }
    return String(text[..<end])
  }

  private mutating func takeEndMark() -> Bool {
    defer { hasEndMark = false }
    return hasEndMark
  }
}
