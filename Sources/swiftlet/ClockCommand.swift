import ArgumentParser
@preconcurrency import Dispatch
import Foundation
import JSONCore
import Synchronization
import Values

/// `swiftlet clock`: shows and changes the time of a running cluster.
struct ClockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clock", abstract: "Show, advance or speed up the time of a running cluster.",
    subcommands: [Show.self, Advance.self, Speed.self], defaultSubcommand: Show.self)

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the cluster's time.")

    @OptionGroup var server: ServerChoice

    func run() throws { print(try RemoteClock(try server.access()).reading().line) }
  }

  struct Advance: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Let time pass: everything due by then happens in its order. Returns when it has; ctrl-c ends it early.",
      // `-1h` is a time that cannot be, not a call for help.
      helpNames: .long)

    @Argument(help: "How long: 90s, 15m, 1h30m, 2d.")
    var duration: String

    @OptionGroup var server: ServerChoice

    func run() throws { try AdvanceView(try RemoteClock(try server.access())).advance(duration) }
  }

  struct Speed: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let time run faster or slower from now on.")

    @Argument(help: "Seconds of the cluster in a real one: 60 is a minute; 1 is real time; 0 stands still.")
    var factor: String

    @OptionGroup var server: ServerChoice

    func run() throws {
      print(try RemoteClock(try server.access()).change(["speed": .string(factor)]).line)
    }
  }
}

/// An advance as a person at a terminal sees it: a line that is written anew, and ctrl-c.
private struct AdvanceView {
  /// What a shell expects of a command that ctrl-c ended.
  private static let interrupted = ExitCode(130)

  let clock: RemoteClock

  init(_ clock: RemoteClock) { self.clock = clock }

  func advance(_ duration: String) throws {
    let start = try clock.reading()
    let interrupt = Interrupt()
    let isTerminal = isatty(STDERR_FILENO) == 1
    var goal = start.time
    let end = try clock.advance(
      duration,
      progress: { reading in
        goal = reading.goal ?? goal
        if isTerminal, let target = reading.goal {
          let (passed, whole) = ((reading.time - start.time).inSeconds, (target - start.time).inSeconds)
          let percent = whole > 0 ? Int(min(passed / whole, 1) * 100) : 100
          let way = "\(ClockReading.shown(passed)) of \(ClockReading.shown(whole))"
          tell("\r\u{1b}[K\(reading.time.rfc3339)  \(way)  \(percent) %")
        }
      }, isStopped: { interrupt.hasCome })
    if isTerminal { tell("\r\u{1b}[K") }
    if interrupt.hasCome, end.time < goal {
      let passed = ClockReading.shown((end.time - start.time).inSeconds)
      let whole = ClockReading.shown((goal - start.time).inSeconds)
      tell("stopped: \(passed) of \(whole) have passed, and all that was due in them\n")
      print(end.line)
      throw Self.interrupted
    }
    print(end.line)
  }

  private func tell(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// Ctrl-c as something to look at; a second one ends the program as usual.
private final class Interrupt: Sendable {
  private let state = Mutex(false)
  private let source: any DispatchSourceSignal

  init() {
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler { [weak self] in
      self?.state.withLock { $0 = true }
      signal(SIGINT, SIG_DFL)
    }
    source.resume()
  }

  var hasCome: Bool { state.withLock { $0 } }
}
