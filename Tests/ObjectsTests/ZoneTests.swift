import Testing
import Values

@testable import Objects

@Suite struct ZoneTests {
  let database = ZoneDatabase.system

  private func instant(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

  @Test(arguments: [
    ("Europe/Berlin", "2026-01-15T12:00:00Z", 3600), ("Europe/Berlin", "2026-07-15T12:00:00Z", 7200),
    ("America/New_York", "2026-03-08T06:59:59Z", -18000), ("America/New_York", "2026-03-08T07:00:00Z", -14400),
    ("Asia/Kolkata", "2026-01-01T00:00:00Z", 19800), ("Etc/GMT+5", "2026-01-01T00:00:00Z", -18000),
    ("UTC", "2026-01-01T00:00:00Z", 0), ("Asia/Tehran", "2030-07-01T00:00:00Z", 12600),
    // Beyond the table: by the rule behind it.
    ("Europe/Berlin", "2150-07-15T12:00:00Z", 7200), ("Australia/Sydney", "2150-01-15T12:00:00Z", 39600),
    ("America/Sao_Paulo", "2100-01-15T12:00:00Z", -10800), ("Europe/Dublin", "2100-07-15T12:00:00Z", 3600),
    ("Europe/Berlin", "1945-06-01T00:00:00Z", 10800),
  ])
  func offsets(_ zone: String, _ time: String, _ expected: Int64) throws {
    #expect(try database.rules(zone).period(at: try instant(time)).offset == expected)
  }

  @Test(arguments: [
    "Europe/Nowhere", "Europe", "europe/../Europe/Berlin", "/etc/passwd", "zone.tab", "Berlin", ".", "a b",
  ])
  func strangersAreRefused(_ name: String) {
    #expect(throws: ZoneDatabase.Problem(message: "unknown time zone \(name)")) { try database.rules(name) }
  }

  @Test func aMachineWithoutZonesSaysSo() throws {
    let empty = ZoneDatabase(directories: ["/nonexistent/zoneinfo"])
    #expect(try empty.rules("UTC") == .utc)
    let problem = #expect(throws: ZoneDatabase.Problem.self) { try empty.rules("Europe/Berlin") }
    #expect(problem?.message.contains("no time zone database") == true)
  }

  @Test(arguments: [
    "", "X", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1,M3.5.0,M10.5.0",
  ])
  func wrongFooters(_ text: String) { #expect(ZoneFooter(text) == nil) }

  @Test func damagedFilesAreRefused() {
    #expect(ZoneRules(tzif: []) == nil)
    #expect(ZoneRules(tzif: Array("TZif2".utf8) + [UInt8](repeating: 0xff, count: 100)) == nil)
  }

  /// Every file of the database can be read, and the day of each change is followed by the next.
  @Test func periodsFollowOneAnother() throws {
    for name in ["Europe/Berlin", "America/New_York", "Africa/Casablanca", "Pacific/Apia", "Antarctica/Troll"] {
      let zone = try database.rules(name)
      var time = try instant("1990-01-01T00:00:00Z")
      let end = try instant("2120-01-01T00:00:00Z")
      while time < end {
        let period = zone.period(at: time)
        #expect(period.end > time)
        time = period.end
      }
    }
  }

  @Test func timesShowTheirOffset() throws {
    let noon = try instant("2026-07-15T12:00:00Z")
    #expect(try database.rules("Europe/Berlin").rfc3339(noon) == "2026-07-15T14:00:00+02:00")
    #expect(try database.rules("America/St_Johns").rfc3339(noon) == "2026-07-15T09:30:00-02:30")
    #expect(try database.rules("UTC").rfc3339(noon) == "2026-07-15T12:00:00Z")
  }

  /// What the clocks leap over does not come; what they show twice comes twice; every hour of the day comes.
  @Test(arguments: [
    ("30 2 * * *", "2026-03-28T12:00:00Z", ["2026-03-30T00:30:00Z"]),
    ("30 2 * * *", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"]),
    ("0 * * * *", "2026-03-29T00:30:00Z", ["2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"]),
    ("0 0 * * *", "2026-03-28T12:00:00Z", ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"]),
    ("0 9 * * mon", "2026-03-28T12:00:00Z", ["2026-03-30T07:00:00Z"]),
  ])
  func schedulesInBerlin(_ text: String, _ from: String, _ expected: [String]) throws {
    let schedule = try #require(CronSchedule(text))
    let zone = try database.rules("Europe/Berlin")
    var time = try instant(from)
    for moment in expected {
      time = try #require(schedule.next(after: time, in: zone))
      #expect(time.rfc3339 == moment)
    }
  }
}
