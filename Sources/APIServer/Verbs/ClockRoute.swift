import EventLoops
import HTTPServer
import JSONCore
import Objects
import Registry
import Values

/// The cluster's clock as the API shows and changes it.
public struct ClockControl: Sendable {
  public var clock: VirtualClock
  /// Writes down what time it is, for the next start: before an advance its goal, so that a crash on the way leaves the
  /// clock ahead of what is stored and never behind, and after each change, before it is answered.
  public var record: @Sendable (Instant) -> Void

  public init(_ clock: VirtualClock, record: @escaping @Sendable (Instant) -> Void = { _ in }) {
    self.clock = clock
    self.record = record
  }
}

/// `GET` and `POST /swiftlet/v1/clock`: shows the cluster's time, advances it, changes its speed. A path of our own, which
/// RBAC guards as a non-resource URL: administrators may, others only when a role names it.
///
/// An advance is answered when all work that was due by then has settled, or when a `POST` to `…/clock/stop` ended it early.
public struct ClockRoute: Sendable {
  public static let path = "/swiftlet/v1/clock"
  public static let stopPath = path + "/stop"

  let control: ClockControl?
  let reply: Reply

  /// nil for other paths.
  func answer(_ call: Call) throws(Status) -> Answer? {
    let isStop = call.target.path == Self.stopPath
    guard isStop || call.target.path == Self.path else { return nil }
    guard let control else { throw .notImplemented("the clock of this server cannot be changed") }
    switch call.request.method {
    case .post where isStop:
      control.clock.stopAdvancing()
      return .now(show(control, call))
    case _ where isStop: throw .methodNotAllowed()
    case .get, .head: return .now(show(control, call))
    case .post: return try change(control, call)
    default: throw .methodNotAllowed()
    }
  }

  private func change(_ control: ClockControl, _ call: Call) throws(Status) -> Answer {
    // Whatever curl calls the body: it is JSON or it is refused. Pages of other origins are kept out by `HostPolicy`.
    let change = try ClockChange(try Call.json(call.request.body).json)
    return .later { [self] in
      if let speed = change.speed { control.clock.setSpeed(speed) }
      if let duration = change.advance {
        control.record(control.clock.now + duration)
        if let unrest = await control.clock.advance(by: duration) {
          control.record(control.clock.now)
          return reply.error(Self.refused(unrest), warnings: [], isPretty: call.wantsPretty, call.request)
        }
      }
      control.record(control.clock.now)
      return show(control, call)
    }
  }

  private static func refused(_ unrest: Unrest) -> Status {
    let places = unrest.underWay.map { "\($0.place) (\($0.count))" }.joined(separator: ", ")
    return Status(
      code: 504, reason: "Timeout",
      message: "the advance ended at \(unrest.time.rfc3339), for what was due by then did not come to rest: "
        + (places.isEmpty ? "it came and went" : places))
  }

  private func show(_ control: ClockControl, _ call: Call) -> Response {
    let now = control.clock.now
    var json: JSON = [
      "apiVersion": "swiftlet/v1", "kind": "Clock", "time": .string(now.rfc3339Micro),
      "speed": .double(control.clock.speed),
      "aheadSeconds": .double(((now - SystemClock().now).inSeconds * 1000).rounded() / 1000),
      "isAdvancing": .bool(control.clock.isAdvancing),
    ]
    if let goal = control.clock.goal { json["advancingTo"] = .string(goal.rfc3339Micro) }
    return reply.json(json, isPretty: call.wantsPretty, call.request)
  }
}

/// What a POST asks for: `{"advance": "1h30m"}`, `{"advance": 5400}` (seconds), `{"speed": 60}`, or both: the speed first.
public struct ClockChange: Sendable, Equatable {
  var advance: Duration?
  var speed: Double?

  /// A year and a day: it takes minutes to walk through.
  static let longestAdvance = Duration.seconds(366 * 86400)
  /// A week in a second; no machine keeps up with more.
  static let highestSpeed = 604_800.0

  /// - Throws: 400 for what cannot be.
  init(_ json: JSON) throws(Status) {
    guard let members = json.object else { throw .badRequest("a clock is changed by a JSON object") }
    for name in members.allKeys where name != "advance" && name != "speed" {
      throw .badRequest("unknown field \(Status.quoted(name)): a clock has \"advance\" and \"speed\"")
    }
    if let value = json["advance"] { advance = try Self.duration(value) }
    if let value = json["speed"] { speed = try Self.speed(value) }
    if advance == nil, speed == nil { throw .badRequest("say what to change: \"advance\", \"speed\", or both") }
  }

  private static func duration(_ value: JSON) throws(Status) -> Duration {
    let shown = value.string ?? value.text
    func refused(_ why: String) -> Status { .badRequest("advance: \(Status.quoted(shown)) \(why)") }
    if shown.hasPrefix("-") { throw refused("is negative: time does not go back") }
    guard let seconds = value.double ?? value.string.flatMap(Self.seconds) else {
      throw refused("is not a duration: write 90s, 15m, 1h30m, 2d, or a number of seconds")
    }
    guard seconds <= longestAdvance.inSeconds else { throw refused("is too large: at most 8784h (366 days) at a time") }
    return .nanoseconds(Int64((seconds * 1e9).rounded()))
  }

  private static func speed(_ value: JSON) throws(Status) -> Double {
    let shown = value.string ?? value.text
    func refused(_ why: String) -> Status { .badRequest("speed: \(Status.quoted(shown)) \(why)") }
    guard let speed = value.double ?? value.string.flatMap({ Double($0) }), speed.isFinite else {
      throw refused("is not a number: 1 is real time, 60 a minute in a second, 0 stands still")
    }
    if speed < 0 { throw refused("is negative: time does not go back") }
    if speed > highestSpeed { throw refused("is too large: at most 604800, a week in a second") }
    return speed
  }

  /// `1h30m`, `2d`, `500ms`, `90`; nil for anything else.
  public static func seconds(_ text: String) -> Double? {
    let units: [Substring: Double] = ["d": 86400, "h": 3600, "m": 60, "s": 1, "ms": 0.001]
    var rest = text[...]
    var total = 0.0
    if rest.isEmpty { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let number = Double(digits) else { return nil }
      if unit.isEmpty, rest.isEmpty, digits.count == text.count { return number }
      guard let scale = units[unit] else { return nil }
      total += number * scale
    }
    return total
  }
}
