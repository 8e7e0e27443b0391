import APIServer
import ArgumentParser
import Credentials
import EventLoops
import Foundation
import Values

/// The cluster's clock between two runs: a small file in the data directory says what time it was when, and how fast it ran.
struct ClusterTime: Sendable, Equatable {
  /// Of the cluster.
  var time: Instant
  /// Of the machine, at that moment.
  var taken: Instant
  var speed: Double

  /// When a cluster with a seed begins.
  static let seededStart = Instant(seconds: 1_767_225_600)  // 2026-01-01T00:00:00Z

  /// A cluster with a seed starts at the same moment each time, and stands still until it is told to go on.
  /// - Parameter start: where it starts when somebody said so.
  static func fresh(isSeeded: Bool, start: StartTime?, wall: Instant) -> ClusterTime {
    let usual = isSeeded ? seededStart : wall
    return ClusterTime(time: start?.moment(wall: wall) ?? usual, taken: wall, speed: isSeeded ? 0 : 1)
  }

  /// What time it is now: while nobody ran, time went on at its speed. It never goes back, even when the machine's does.
  func now(wall: Instant) -> Instant {
    let passed = max(0, (wall - taken).inSeconds) * speed
    return passed < 9e9 ? time + .nanoseconds(Int64(passed * 1e9)) : .distantFuture
  }

  /// Whether it is nothing but the machine's time, which needs no file.
  var isOrdinary: Bool { speed == 1 && time == taken }
}

/// Keeps the clock of a cluster with a data directory.
struct ClockFile: Sendable {
  let url: URL

  init(directory: URL) { url = directory.appendingPathComponent("clock") }

  /// nil when the clock was never touched.
  func read() throws -> ClusterTime? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let text = try String(contentsOf: url, encoding: .utf8)
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 3, let time = Instant(rfc3339: String(words[0])),
      let taken = Instant(rfc3339: String(words[1])),
      let speed = Double(words[2]), (0...1e6).contains(speed)
    else {
      throw UsageError(description: "\(url.path) is damaged; remove it to go on in real time")
    }
    return ClusterTime(time: time, taken: taken, speed: speed)
  }

  func write(_ state: ClusterTime) throws {
    try PrivateFile.write("\(state.time.rfc3339Micro) \(state.taken.rfc3339Micro) \(state.speed)\n", to: url)
  }
}

/// `--start-time`: a moment, or how long ago.
enum StartTime: ExpressibleByArgument, Sendable, Equatable {
  case at(Instant)
  case ago(Duration)

  /// The years that are believed; certificates and tokens need room on both sides.
  private static let bounds = Instant(seconds: 0)...Instant(seconds: 7_258_118_400)  // 1970 to 2200
  private static let longestAgo = 20 * 366 * 86400.0

  init?(argument: String) {
    if argument.hasPrefix("-") {
      guard let seconds = ClockChange.seconds(String(argument.dropFirst())), seconds <= Self.longestAgo else {
        return nil
      }
      self = .ago(.nanoseconds(Int64(seconds * 1e9)))
    } else {
      guard let moment = Instant(rfc3339: argument), Self.bounds.contains(moment) else { return nil }
      self = .at(moment)
    }
  }

  func moment(wall: Instant) -> Instant {
    switch self {
    case .at(let moment): moment
    case .ago(let duration): wall - duration
    }
  }
}
