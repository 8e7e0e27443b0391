/// Why a text is no expression, with the place where it went wrong.
public struct CompileError: Error, Sendable {
  /// In characters from the start of the text.
  var position: Int
  var message: String
  /// Whether the expression is well formed but comes to something that is not wanted.
  private var isUnwanted = false

  init(position: Int, message: String) {
    self.position = position
    self.message = message
  }

  /// - Parameter types: what it must come to.
  package init(notYielding types: String) {
    self.init(position: 0, message: "must evaluate to \(types)")
    isUnwanted = true
  }

  /// What the object is refused with that brought the expression.
  package func complaint(in text: String) -> String {
    isUnwanted ? message : "compilation failed: " + description(in: text)
  }

  /// The error with the line it is about and an arrow below it, as users of the language know it.
  public func description(in text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var line = 0
    var column = position
    while line < lines.count - 1, column > lines[line].unicodeScalars.count {
      column -= lines[line].unicodeScalars.count + 1
      line += 1
    }
    let shown = line < lines.count ? String(lines[line]) : ""
    let arrow = String(repeating: ".", count: column) + "^"
    return "ERROR: <input>:\(line + 1):\(column + 1): \(message)\n | \(shown)\n | \(arrow)"
  }
}
