import Testing
import Values

@testable import NodeAgent

/// What somebody at a terminal sees, and shells that are typed at.
@Suite struct TerminalTests {
  @Test func echoesAndEdits() {
    var terminal = Terminal()
    #expect(terminal.type(Array("ab".utf8), prompt: nil) == ("ab", []))
    #expect(terminal.type([127], prompt: nil) == ("\u{8} \u{8}", []))
    #expect(terminal.type([127, 127], prompt: nil) == ("\u{8} \u{8}", []))
    #expect(terminal.type(Array("ls\r".utf8), prompt: nil) == ("ls\n", [.input("ls\n")]))
    #expect(terminal.type(Array("ls\r\n".utf8), prompt: nil).actions == [.input("ls\n")])
    #expect(terminal.type([3], prompt: nil) == ("^C\n", [.interrupt]))
    #expect(terminal.type([4], prompt: nil).actions == [.endOfInput])
    #expect(terminal.type(Array("x".utf8) + [4], prompt: nil).actions == [.input("x")])
    #expect(terminal.type(Array("echo one two".utf8) + [23, 21], prompt: nil).actions.isEmpty)
    #expect(terminal.type(Array("é".utf8) + [13], prompt: nil).actions == [.input("é\n")])
    #expect(Terminal.shown("a\nb\r\n") == "a\r\nb\r\n")
  }

  @Test func recallsLines() {
    var terminal = Terminal()
    _ = terminal.type(Array("one\rtwo\r".utf8), prompt: "# ")
    #expect(terminal.type([27, 91, 65], prompt: "# ").echo == "\r# two\u{1b}[K")
    #expect(terminal.type([27, 91, 65, 13], prompt: "# ").actions == [.input("one\n")])
    #expect(
      terminal.type(Array("ac".utf8) + [27, 91, 68] + Array("b\r".utf8), prompt: "# ").actions == [.input("abc\n")])
  }

  @Test(
    arguments: [
      [], [0], [0xff, 0xfe], Array("häuser".utf8), [0xc3], [0xe2, 0x82], [0xf4, 0x8f, 0xb8, 0x80], Array(0...255),
      [0xf0, 0x9f, 0x98, 0x80, 0xf0, 0x9f],
    ] as [[UInt8]])
  func textsHoldAnyBytes(_ bytes: [UInt8]) {
    #expect(RawText.bytes(RawText.text(bytes)) == bytes)
  }

  /// A shell with input that comes piece by piece: what it wrote after each.
  static func talk(_ words: [String], _ pieces: [String]) -> [String] {
    var world = ShellTests.world()
    var shell = Shell(words: words, ["HOME": "/root", "A": "1"], .missing(from: nil))
    shell.stdin.isOpen = true
    (shell.streams.out, shell.streams.error) = (.output, .errors)
    var process = ShellProcess(shell, at: world.now)
    var written: [String] = []
    func run() {
      var text = ""
      while true {
        switch process.next(&world) {
        case .output(let more, _): text += more
        case .line(let line): text += line + "\n"
        case .wait(let moment): world.now = moment
        case .idle: return written.append(text)
        case .exit(let code): return written.append(text + "[\(code)]")
        }
      }
    }
    run()
    for piece in pieces {
      if piece == "^C" {
        if !process.interrupt(at: world.now) { written.append("[130]") }
      } else if piece == "^D" {
        process.markEnd(at: world.now)
      } else if piece.isEmpty {
        process.endInput(at: world.now)
      } else {
        process.feed(piece, at: world.now)
      }
      run()
    }
    return Array(written.dropFirst())
  }

  @Test func readsItsProgramAsItComes() {
    #expect(
      Self.talk(["sh"], ["echo hi\n", "cd /tmp; pwd\n", "pwd\n", "exit 3\n"]) == ["hi\n", "/tmp\n", "/tmp\n", "[3]"])
    #expect(Self.talk(["sh"], ["for i in 1 2\n", "do echo $i\n", "done\n", "^D"]) == ["", "", "1\n2\n", "[0]"])
    #expect(Self.talk(["sh"], ["nosuch\n", "echo $?\n", ""]) == ["sh: nosuch: not found\n", "127\n", "[0]"])
    #expect(Self.talk(["sh"], ["echo a; false", ""]) == ["", "a\n[1]"])
    #expect(Self.talk(["sh"], ["echo ${X:?none}\n", "echo on\n"]) == ["sh: X: none\n", "on\n"])
    #expect(Self.talk(["sh"], ["cat <<E\n", "x\n", "E\n"]) == ["", "", "x\n"])
    #expect(Self.talk(["sh"], ["sleep infinity\n", "^C", "echo $?\n"]) == ["", "", "130\n"])
  }

  @Test func programsReadWhatIsTyped() {
    #expect(Self.talk(["cat"], ["a\n", "b", ""]) == ["a\n", "b", "[0]"])
    #expect(Self.talk(["wc", "-l"], ["a\n", "b\n", ""]) == ["", "", "2\n[0]"])
    #expect(Self.talk(["sh"], ["cat\n", "typed\n", "^D", "echo on\n"]) == ["", "typed\n", "", "on\n"])
    #expect(Self.talk(["sh"], ["read x; echo got $x\n", "it\n"]) == ["", "got it\n"])
    #expect(Self.talk(["sh", "-c", "cat | tr a-z A-Z; echo done"], ["abc\n", ""]) == ["", "ABC\ndone\n[0]"])
    #expect(Self.talk(["sh", "-c", "x=$(cat); echo \"<$x>\""], ["abc\n", ""]) == ["", "<abc>\n[0]"])
    #expect(Self.talk(["sleep", "infinity"], ["^C"]) == ["[130]", ""])
  }
}

/// What `kubectl cp` exchanges.
@Suite struct TarTests {
  @Test func comesBackAsItWent() {
    let long = String(repeating: "long/", count: 30) + "name"
    let entries: [TarArchive.Entry] = [
      .init(path: "folder", bytes: nil), .init(path: "folder/a", bytes: Array(0...255)), .init(path: "b", bytes: []),
      .init(path: long, bytes: Array("deep".utf8)),
    ]
    let bytes = TarArchive.bytes(entries, at: .epoch)
    #expect(bytes.count % 512 == 0)
    var read = TarArchive.entries(bytes) ?? []
    read[0].path = String(read[0].path.dropLast())
    #expect(read == entries)
    #expect(TarArchive.entries(Array("no archive".utf8)) == nil)
    for count in stride(from: 0, to: bytes.count, by: 97) { _ = TarArchive.entries(Array(bytes.prefix(count))) }
  }

  @Test func shellPacksAndUnpacks() {
    let outcome = ShellTests.sh(
      "mkdir /tmp/a; echo one > /tmp/a/x; cd /tmp; tar cf /tmp/t.tar a; mkdir /tmp/b; tar -xmf t.tar -C /tmp/b; "
        + "cat /tmp/b/a/x; tar tf t.tar; tar cf - a | tar xf - -C /data; cat /data/a/x")
    #expect(outcome.lines == ["one", "a/", "a/x", "one"] && outcome.code == 0)
  }
}
