import Objects

/// What `wget` or `curl` was told.
struct FetchOptions {
  var address: String?
  var method = "GET"
  var headers: [PortHeader] = []
  var body: String?
  /// Where the answer goes; nil for the program's usual place.
  var file: String?
  var isQuiet = false
  var isSpider = false
  var showsHead = false
  var follows = false
  var fails = false
  var usesRemoteName = false
  var format: String?
  /// How long to wait for an answer; nil: as long as usual.
  var patience: Duration?
  /// It has been said whom to trust, or to trust anybody.
  var trusts = false
  /// The number under which the answer to what was asked already will be found.
  var asked: Int?

  static let askedOption = "--swiftlet-asked="

  private static func time(_ text: String?) -> Duration? {
    text.flatMap { ShellCommands.time($0) ?? nil }.flatMap { $0 == .zero ? nil : $0 }
  }

  private static func shorter(_ first: Duration?, _ second: Duration?) -> Duration? {
    [first, second].compactMap { $0 }.min()
  }

  private mutating func add(header: String) {
    guard let colon = header.firstIndex(of: ":") else { return }
    let value = header[header.index(after: colon)...].drop { $0 == " " }
    headers.append(PortHeader(header[..<colon].lowercased(), String(value)))
  }

  private mutating func add(body more: String) {
    body = body.map { $0 + "&" + more } ?? more
    if method == "GET" { method = "POST" }
  }

  init(wget arguments: [String]) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let value = argument.firstIndex(of: "=").map { String(argument[argument.index(after: $0)...]) } ?? ""
      switch argument {
      case let own where own.hasPrefix(Self.askedOption): asked = Int(own.dropFirst(Self.askedOption.count))
      case "--spider": isSpider = true
      case "-O", "--output-document": file = rest.popFirst()
      case "-T": patience = Self.time(rest.popFirst())
      case "-t", "-P", "-U", "-Y": _ = rest.popFirst()
      case "--header": add(header: rest.popFirst() ?? "")
      case "--post-data": add(body: rest.popFirst() ?? "")
      case "--quiet": isQuiet = true
      case let long where long.hasPrefix("--timeout="): patience = Self.time(value)
      case let long where long.hasPrefix("--header="): add(header: value)
      case let long where long.hasPrefix("--post-data="): add(body: value)
      case let long where long.hasPrefix("--output-document="): file = value
      case let long where long.hasPrefix("--"): break
      case let short where short.hasPrefix("-"): take(wgetLetters: short.dropFirst(), &rest)
      default: address = argument
      }
    }
  }

  /// `-qO-`, `-qT2`
  private mutating func take(wgetLetters letters: Substring, _ rest: inout ArraySlice<String>) {
    var letters = letters
    while let letter = letters.popFirst() {
      switch letter {
      case "q": isQuiet = true
      case "O":
        file = letters.isEmpty ? rest.popFirst() : String(letters)
        return
      case "T":
        patience = Self.time(letters.isEmpty ? rest.popFirst() : String(letters))
        return
      case "t", "P", "U":
        if letters.isEmpty { _ = rest.popFirst() }
        return
      default: break
      }
    }
  }

  init(curl arguments: [String]) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case let own where own.hasPrefix(Self.askedOption): asked = Int(own.dropFirst(Self.askedOption.count))
      case "--insecure": trusts = true
      case "--cacert":
        trusts = true
        _ = rest.popFirst()
      case "--silent": isQuiet = true
      case "--head": (method, showsHead) = ("HEAD", true)
      case "--include": showsHead = true
      case "--location": follows = true
      case "--fail", "--fail-with-body": fails = true
      case "--request": method = rest.popFirst() ?? method
      case "--header": add(header: rest.popFirst() ?? "")
      case "--data", "--data-raw", "--data-binary", "--json": add(body: rest.popFirst() ?? "")
      case "--output": file = rest.popFirst()
      case "--write-out": format = rest.popFirst()
      case "--url": address = rest.popFirst()
      case "--max-time", "--connect-timeout": patience = Self.shorter(patience, Self.time(rest.popFirst()))
      case "--interface", "--retry", "--retry-delay", "--user", "--resolve",
        "--user-agent":
        _ = rest.popFirst()
      case let long where long.hasPrefix("--"): break
      case let short where short.hasPrefix("-"): take(curlLetters: short.dropFirst(), &rest)
      default: address = argument
      }
    }
  }

  /// `-sSfL`, `-o/dev/null`
  private mutating func take(curlLetters letters: Substring, _ rest: inout ArraySlice<String>) {
    var letters = letters
    while let letter = letters.popFirst() {
      switch letter {
      case "s": isQuiet = true
      case "S": isQuiet = false
      case "k": trusts = true
      case "I": (method, showsHead) = ("HEAD", true)
      case "i": showsHead = true
      case "L": follows = true
      case "f": fails = true
      case "O": usesRemoteName = true
      case "X", "H", "d", "o", "w", "m", "u", "A", "b", "e":
        let value = letters.isEmpty ? rest.popFirst() ?? "" : String(letters)
        take(curlValue: value, of: letter)
        return
      default: break
      }
    }
  }

  private mutating func take(curlValue value: String, of letter: Character) {
    switch letter {
    case "X": method = value
    case "H": add(header: value)
    case "d": add(body: value)
    case "o": file = value
    case "w": format = value
    case "m": patience = Self.shorter(patience, Self.time(value))
    default: break
    }
  }
}
