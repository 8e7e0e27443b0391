/// The words of one line of the schema source, and the documentation behind its bar.
struct SchemaLine {
  /// 0 for headers and blocks, 2 for what stands in a block.
  var indent = 0
  var words: [EmbeddedText] = []
  var documentation = EmbeddedText.empty

  /// The text of a word; "" beyond the last.
  func word(_ index: Int) -> String { index < words.count ? words[index].string : "" }

  func words(from index: Int) -> [String] { words.dropFirst(index).map(\.string) }

  /// Takes the first line off `text`; nil at its end. Words stand between blanks; a quoted word may hold blanks.
  static func next(_ text: inout EmbeddedText) -> SchemaLine? {
    guard text.count > 0 else { return nil }
    let bytes = text.bytes
    let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    var line = SchemaLine()
    var index = 0
    while index < end, bytes[index] == UInt8(ascii: " ") { index += 1 }
    line.indent = index
    while index < end {
      let start = index
      if bytes[start] == UInt8(ascii: "|") {
        let first = min(start + 2, end)
        line.documentation = EmbeddedText(base: text.base + first, count: end - first)
        break
      }
      var isQuoted = false
      while index < end, isQuoted || bytes[index] != UInt8(ascii: " ") {
        if bytes[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
        index += 1
      }
      line.words.append(EmbeddedText(base: text.base + start, count: index - start))
      while index < end, bytes[index] == UInt8(ascii: " ") { index += 1 }
    }
    let rest = min(end + 1, text.count)
    text = EmbeddedText(base: text.base + rest, count: text.count - rest)
    return line
  }
}
