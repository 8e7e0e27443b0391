import APIServer
import EventLoops
import Foundation
import Values

/// The cluster's clock, and the file that keeps it from one run to the next.
struct KeptClock: Sendable {
  let clock: VirtualClock
  /// nil for a cluster that keeps nothing.
  private let file: ClockFile?

  /// The clock that the last run left, or a new one.
  init(directory: URL?, isSeeded: Bool, start: StartTime?, wall: Instant) throws {
    file = directory.map(ClockFile.init)
    // A cluster that is there already has lived in its own time, which does not go back.
    let isNew =
      directory.map { !FileManager.default.fileExists(atPath: $0.appendingPathComponent("cluster.db").path) } ?? true
    if start != nil, !isNew {
      let notice = "--start-time is for new clusters: this one goes on in its own time (see `swiftlet clock`)\n"
      FileHandle.standardError.write(Data(notice.utf8))
    }
    let time = try file?.read() ?? .fresh(isSeeded: isSeeded, start: isNew ? start : nil, wall: wall)
    if !time.isOrdinary { try file?.write(time) }
    clock = VirtualClock(now: time.now(wall: wall), speed: time.speed, pool: WorkPool(isSerial: isSeeded))
  }

  var control: ClockControl { ClockControl(clock) { record($0) } }

  /// The last word of a run: at a high speed time may have passed slower than was asked for. A clock that was never touched
  /// stays without a file.
  func noteEnd() {
    if let file, FileManager.default.fileExists(atPath: file.url.path) { record(clock.now) }
  }

  /// A clock that cannot be written down is still right; after the next start it would be behind.
  private func record(_ time: Instant) {
    guard let file else { return }
    do {
      try file.write(ClusterTime(time: time, taken: SystemClock().now, speed: clock.speed))
    } catch {
      FileHandle.standardError.write(Data("cannot write \(file.url.path): \(error)\n".utf8))
    }
  }
}
