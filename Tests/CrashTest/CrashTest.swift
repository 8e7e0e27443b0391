import Glibc

/// Kills a writing process again and again and checks what it leaves behind:
/// `CrashTest [rounds]` (10 unless told; 200 is the long form).
///
/// Every acknowledged write is there, revisions never go back, and a watch that resumes sees each change once, in order.
@main
struct CrashTest {
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == "--writer", arguments.count == 2 {
      await write(path: arguments[1])
    } else {
      await judge(rounds: arguments.first.flatMap { Int($0) } ?? 10)
    }
  }

  /// The child: writes until it is killed.
  private nonisolated static func write(path: String) async {
    do {
      try await Writers(path: path).run()
    } catch {
      fail("writer: \(error)")
    }
  }

  /// The parent: kills and checks.
  private nonisolated static func judge(rounds: Int) async {
    var template = Array("/tmp/swiftlet-crash-XXXXXX".utf8CString)
    guard let directory = mkdtemp(&template).map({ String(cString: $0) }) else { fail("no temporary directory") }
    var judge = Judge(path: "\(directory)/store.db")
    do {
      for round in 1...max(1, rounds) { try await judge.round(round) }
    } catch {
      fail("\(error) (the database stays in \(directory))")
    }
    for suffix in ["", "-wal", "-shm"] { unlink("\(directory)/store.db\(suffix)") }
    rmdir(directory)
    say("\(rounds) kills, \(judge.acknowledged) acknowledged writes, none lost, revision \(judge.revision)")
  }
}

/// What was found wrong.
struct Finding: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  // One call a line, so that the lines of concurrent writers do not mix.
  _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
}

func fail(_ why: String) -> Never {
  say("FAILED \(why)")
  exit(1)
}
