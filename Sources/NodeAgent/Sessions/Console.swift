import Objects

/// What stands between somebody and a program: a terminal, or nothing.
struct Console: Sendable {
  var terminal: Terminal?
  let prompt: Prompt
  /// The prompt that is due has been shown.
  var hasPrompted = false
  /// What a container's own program wrote of a line to its terminal.
  var partialLine = ""
  /// Bytes of a character whose rest has yet to come.
  private var unfinished: [UInt8] = []

  init(hasTerminal: Bool, prompt: Prompt) {
    terminal = hasTerminal ? Terminal() : nil
    self.prompt = prompt
  }

  /// Bytes cut behind each key that may have an effect, so that what was pasted shows as if it were typed.
  static func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var start = 0
    for (index, byte) in bytes.enumerated() where [3, 4, 9, 13].contains(byte) {
      pieces.append(Array(bytes[start...index]))
      start = index + 1
    }
    if start < bytes.count { pieces.append(Array(bytes[start...])) }
    return pieces
  }

  /// What bytes mean that come in.
  mutating func type(
    _ bytes: [UInt8], _ process: ShellProcess, hostname: String
  ) -> (echo: String, actions: [Terminal.Action]) {
    if terminal != nil {
      let prompt = promptText(of: process, hostname: hostname)
      return terminal?.type(bytes, prompt: prompt) ?? ("", [])
    }
    let all = unfinished + bytes
    let rest = RawText.unfinishedCount(all)
    unfinished = Array(all.suffix(rest))
    let text = RawText.text(Array(all.dropLast(rest)))
    return ("", text.isEmpty ? [] : [.input(text)])
  }

  /// What is left of a character when nothing more comes.
  mutating func takeUnfinished() -> String {
    defer { unfinished = [] }
    return RawText.text(unfinished)
  }

  /// The prompt of a shell that waits for a command; nil when none does.
  func promptText(of process: ShellProcess, hostname: String) -> String? {
    guard terminal != nil, let begun = process.begunCommand else { return nil }
    return prompt.text(process.shell, hostname: hostname, begun: begun)
  }

  /// The prompt, when it is due.
  mutating func prompt(of process: ShellProcess, hostname: String) -> String? {
    guard !hasPrompted, let text = promptText(of: process, hostname: hostname) else { return nil }
    hasPrompted = true
    return text
  }
}

/// What a program said in one go, in few pieces.
struct SessionOutput {
  /// What is collected before it is passed on, in bytes.
  static let pieceLimit = 64 * 1024

  let hasTerminal: Bool
  private(set) var pieces: [StreamOutput] = []
  private(set) var count = 0

  init(hasTerminal: Bool) { self.hasTerminal = hasTerminal }

  mutating func add(_ text: String, isError: Bool) {
    if text.isEmpty { return }
    let bytes = RawText.bytes(hasTerminal ? Terminal.shown(text) : text)
    count += bytes.count
    switch (pieces.last, isError && !hasTerminal) {
    case (.output(let before), false): pieces[pieces.count - 1] = .output(before + bytes)
    case (.errors(let before), true): pieces[pieces.count - 1] = .errors(before + bytes)
    case (_, let isError): pieces.append(isError ? .errors(bytes) : .output(bytes))
    }
  }
}

/// What the tabulator key adds to a word.
enum Completion {
  static func rest(of word: String, _ shell: Shell, _ world: ShellWorld) -> String {
    let slash = word.lastIndex(of: "/")
    let folder = slash.map { shell.path(String(word[...$0])) } ?? shell.folder
    let start = slash.map { String(word[word.index(after: $0)...]) } ?? word
    let names = world.names(in: folder).filter { $0.hasPrefix(start) }
    guard let first = names.first else { return "" }
    var common = first[...]
    for name in names.dropFirst() {
      while !name.hasPrefix(common) { common = common.dropLast() }
    }
    var rest = String(common.dropFirst(start.count))
    if names.count == 1 { rest += world.isDirectory(folder.isEmpty ? first : folder + "/" + first) ? "/" : " " }
    return rest
  }
}
