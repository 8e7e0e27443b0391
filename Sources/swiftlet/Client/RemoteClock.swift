import APIServer
@preconcurrency import Dispatch
import Foundation
import JSONCore
import Synchronization
import Values

/// The clock of a running cluster.
struct RemoteClock: Sendable {
  let client: Client

  init(_ access: ServerAccess) throws { client = try Client(access) }

  func reading() throws -> ClockReading { try ask("GET", ClockRoute.path) }

  func change(_ change: JSON) throws -> ClockReading { try ask("POST", ClockRoute.path, change.text) }

  func stop() throws -> ClockReading { try ask("POST", ClockRoute.stopPath) }

  private func ask(_ method: String, _ path: String, _ body: String? = nil) throws -> ClockReading {
    let answer = try client.send(method, path, body: body)
    let json = try? JSON.parse(Array(answer.body.utf8))
    if answer.status == 200, let json, let reading = ClockReading(json) { return reading }
    let origin = client.access.source.isEmpty ? "" : " (\(client.access.source))"
    if let message = json?["message"]?.string, answer.status != 404 {
      throw UsageError(description: "\(client.access.url)\(origin): \(message)")
    }
    throw UsageError(
      description: "\(client.access.url)\(origin) answered \(answer.status), but not as swiftlet does: "
        + "name the cluster by --kubeconfig, --context, --server or --data")
  }
}

/// What a clock shows.
struct ClockReading: Sendable {
  var time: Instant
  var speed: Double
  var aheadSeconds: Double
  /// Where the advance under way leads to.
  var goal: Instant?

  init?(_ json: JSON) {
    guard json.text("kind") == "Clock", let time = Instant(rfc3339: json.text("time")) else { return nil }
    self.time = time
    speed = json["speed"]?.double ?? 1
    aheadSeconds = json["aheadSeconds"]?.double ?? 0
    goal = json["advancingTo"]?.string.flatMap { Instant(rfc3339: $0) }
  }

  /// `2026-11-21T16:00:00.000000Z  speed 1  2d ahead of real time`
  var line: String {
    let pace = speed == speed.rounded() ? String(Int(speed)) : String(speed)
    let lead =
      abs(aheadSeconds) < 1
      ? "real time" : "\(Self.shown(abs(aheadSeconds))) \(aheadSeconds > 0 ? "ahead of" : "behind") real time"
    return "\(time.rfc3339Micro)  speed \(pace)  \(lead)"
  }

  /// `2d3h4m5s`
  static func shown(_ seconds: Double) -> String {
    var rest = Int(min(max(seconds, 0), 1e15).rounded())
    var text = ""
    for (unit, length) in [("d", 86400), ("h", 3600), ("m", 60)] where rest >= length {
      text += "\(rest / length)\(unit)"
      rest %= length
    }
    return text.isEmpty || rest > 0 ? text + "\(rest)s" : text
  }
}

extension RemoteClock {
  private static let lookInterval = DispatchTimeInterval.milliseconds(200)

  /// Lets time pass, and meanwhile tells how far it is.
  /// - Parameters:
  ///   - progress: called now and then with what the clock shows.
  ///   - isStopped: asked now and then; once it says yes, time goes no further.
  func advance(
    _ duration: String, progress: (ClockReading) -> Void, isStopped: () -> Bool
  ) throws -> ClockReading {
    let result = Mutex<Result<ClockReading, any Error>?>(nil)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread { [self] in
      let answer = Result { try change(["advance": .string(duration)]) }
      result.withLock { $0 = answer }
      done.signal()
    }
    var wasStopped = false
    while done.wait(timeout: .now() + Self.lookInterval) == .timedOut {
      if let reading = try? reading() { progress(reading) }
      if isStopped(), !wasStopped {
        wasStopped = true
        _ = try stop()
      }
    }
    guard let answer = result.withLock({ $0 }) else { throw UsageError(description: "no answer") }
    return try answer.get()
  }
}
