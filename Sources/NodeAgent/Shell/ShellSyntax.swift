/// A shell program as a value: what `sh -c` is given, parsed.
indirect enum ShellCommand: Sendable, Equatable {
  case simple(SimpleCommand)
  case sequence([ShellCommand])
  case and(ShellCommand, ShellCommand)
  case or(ShellCommand, ShellCommand)
  case not(ShellCommand)
  case pipeline([ShellCommand])
  case background(ShellCommand)
  case branch(condition: ShellCommand, then: ShellCommand, otherwise: ShellCommand?)
  case loop(ShellLoop)
  case each(variable: String, words: [ShellWord]?, body: ShellCommand)
  case choice(ShellWord, [ShellArm])
  case function(String, ShellCommand)
  case subshell(ShellCommand)
  case redirected(ShellCommand, [Redirection])
}

/// `while` and `until`.
struct ShellLoop: Sendable, Equatable {
  var condition: ShellCommand
  var body: ShellCommand
  var isUntil: Bool
}

/// One `pattern) …;;` of a `case`.
struct ShellArm: Sendable, Equatable {
  var patterns: [ShellWord]
  var body: ShellCommand
}

/// `A=1 echo hello > /tmp/file`
struct SimpleCommand: Sendable, Equatable {
  var assignments: [Assignment] = []
  var words: [ShellWord] = []
  var redirections: [Redirection] = []

  struct Assignment: Sendable, Equatable {
    var name: String
    var value: ShellWord
  }
}

struct Redirection: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case read
    case write
    case append
    /// `2>&1`
    case duplicate
    /// The text itself: `<<EOF` and `<<<`
    case here
  }

  /// 0, 1 or 2; -1 for `&>`, which is both 1 and 2.
  var descriptor: Int
  var kind: Kind
  var target: ShellWord
}

/// One word before expansion: `"$HOME"/file-$(date)`.
struct ShellWord: Sendable, Equatable {
  indirect enum Part: Sendable, Equatable {
    case text(String, isQuoted: Bool)
    case parameter(Parameter, isQuoted: Bool)
    case command(ShellCommand, isQuoted: Bool)
    case arithmetic(ShellWord, isQuoted: Bool)
  }

  /// `$NAME`, `${NAME:-word}`, `${#NAME}`
  struct Parameter: Sendable, Equatable {
    var name: String
    /// "" for none, else `:-`, `-`, `:=`, `=`, `:+`, `+`, `:?`, `?`, `%`, `%%`, `#`, `##`, `^`, `^^`, `,`,
    /// `,,`, `/`, `//`, `:`, or `length`.
    var operation = ""
    var operand = ShellWord()
  }

  var parts: [Part] = []

  /// The word, when it is plain text without quotes: only such a word is a keyword.
  var bareText: String? {
    guard parts.count == 1, case .text(let text, isQuoted: false) = parts[0] else { return nil }
    return text
  }
}

/// Why a program cannot be parsed.
struct ShellSyntaxError: Error, Equatable {
  var message: String
}
