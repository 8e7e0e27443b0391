/// `cut` and `tr`: parts of lines, and sets of characters.
extension ShellCommands {
  static let fields: [String: SimulatedCommand] = ["cut": cut, "tr": translate]

  /// `cut -d: -f1,3-`, `cut -c1-5`
  private static let cut: SimulatedCommand = { shell, arguments, world in
    var separator: Character = "\t"
    var ranges: [ClosedRange<Int>] = []
    var (isCharacters, onlyCut) = (false, false)
    var names: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let value = { argument.count > 2 ? String(argument.dropFirst(2)) : rest.popFirst() ?? "" }
      if argument.hasPrefix("-d") {
        separator = value().first ?? separator
      } else if argument.hasPrefix("-f") {
        ranges = list(value())
      } else if argument.hasPrefix("-c") || argument.hasPrefix("-b") {
        isCharacters = true
        ranges = list(value())
      } else if argument == "-s" {
        onlyCut = true
      } else {
        names.append(argument)
      }
    }
    return filter(names, "cut", &shell, &world) { text in
      joined(
        lines(text).compactMap { line in
          if isCharacters { return picked(Array(line), ranges).map { String($0) }.joined() }
          let fields = line.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
          if fields.count == 1 { return onlyCut ? nil : line }
          return picked(fields, ranges).joined(separator: String(separator))
        })
    }
  }

  /// `1,3-5,7-`; a number that makes no sense is 1.
  private static func list(_ text: String) -> [ClosedRange<Int>] {
    text.split(separator: ",").map { part in
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      let first = max(1, (ends.first ?? nil) ?? 1)
      if ends.count == 1 { return first...first }
      let last = (ends[safelyAt: 1] ?? nil) ?? (part.hasSuffix("-") && ends.count == 2 ? Int.max : 1)
      return first...max(first, last)
    }
  }

  private static func picked<Element>(_ elements: [Element], _ ranges: [ClosedRange<Int>]) -> [Element] {
    elements.enumerated().filter { index, _ in ranges.contains { $0.contains(index + 1) } }.map(\.element)
  }

  /// `tr a-z A-Z`, `tr -d '\n'`, `tr -s ' '`, `tr -cd '[:alnum:]'`
  private static let translate: SimulatedCommand = { shell, arguments, world in
    let (letters, sets) = options(arguments)
    let from = CharacterList(sets.first ?? "")
    let to = Array(CharacterList(sets[safelyAt: 1] ?? "").characters)
    let isNegated = letters.contains("c") || letters.contains("C")
    let deletes = letters.contains("d")
    let squeezed = letters.contains("s") ? (sets.count > 1 && !deletes ? CharacterList(sets[1]) : from) : nil
    var result = String.UnicodeScalarView()
    for character in shell.input.unicodeScalars {
      let place = from.place(of: character)
      var written: Unicode.Scalar? = character
      if (place != nil) != isNegated {
        if deletes { written = nil } else if !to.isEmpty { written = to[safelyAt: place ?? to.count] ?? to.last }
      }
      guard let written else { continue }
      if let squeezed, result.last == written, (squeezed.place(of: written) != nil) != (isNegated && sets.count < 2) {
        continue
      }
      result.append(written)
    }
    shell.write(String(result), to: shell.streams.out, &world)
    return 0
  }
}

/// A set of `tr`, in its order: `a-z`, `[:digit:]`, `\n`.
private struct CharacterList {
  private(set) var characters: [Unicode.Scalar] = []

  private static let classes: [(String, String)] = [
    ("[:lower:]", "a-z"), ("[:upper:]", "A-Z"), ("[:digit:]", "0-9"), ("[:alpha:]", "A-Za-z"),
    ("[:alnum:]", "A-Za-z0-9"),
    ("[:space:]", " \t\n\r"), ("[:blank:]", " \t"), ("[:punct:]", "!-/:-@[-`{-~"), ("[:cntrl:]", "\u{1}-\u{1f}"),
    ("[:xdigit:]", "0-9A-Fa-f"),
  ]

  init(_ text: String) {
    var plain = ShellCommands.unescaped(text)
    for (name, range) in Self.classes { plain = plain.replacing(name, with: range) }
    let all = Array(plain.unicodeScalars)
    var index = 0
    while index < all.count {
      if index + 2 < all.count, all[index + 1] == "-", all[index].isASCII, all[index + 2].isASCII,
        all[index].value <= all[index + 2].value
      {
        characters += (all[index].value...all[index + 2].value).map { Unicode.Scalar(UInt8($0)) }
        index += 3
      } else {
        characters.append(all[index])
        index += 1
      }
    }
  }

  func place(of character: Unicode.Scalar) -> Int? { characters.firstIndex(of: character) }
}
