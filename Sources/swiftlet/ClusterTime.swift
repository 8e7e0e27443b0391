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
  static func fresh(isSeeded: Bool, wall: Instant) -> ClusterTime {
    isSeeded
      ? ClusterTime(time: seededStart, taken: wall, speed: 0) : ClusterTime(time: wall, taken: wall, speed: 1)
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
