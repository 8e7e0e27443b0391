import Testing
import Values

@testable import Objects

@Suite struct CronScheduleTests {
  @Test(arguments: [
    ("*/5 * * * *", "2026-01-01T00:03:30Z", "2026-01-01T00:05:00Z"),
    ("0 3 * * *", "2026-01-01T03:00:00Z", "2026-01-02T03:00:00Z"),
    ("30 9 * * mon", "2026-01-01T00:00:00Z", "2026-01-05T09:30:00Z"),
    ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
    ("0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
    ("@hourly", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"),
    ("@every 90s", "2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z"),
    ("1-10/3,30 * * * *", "2026-01-01T00:07:00Z", "2026-01-01T00:10:00Z"),
    ("0 12 1 jan,jul *", "2026-01-02T00:00:00Z", "2026-07-01T12:00:00Z"),
    // Both days are restricted, so either will do; a star without a step restricts nothing.
    ("0 0 */10 * sun", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
    ("0 0 *,5 * sun", "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z"),
  ])
  func nextTime(_ text: String, _ from: String, _ expected: String) throws {
    let schedule = try #require(CronSchedule(text))
    #expect(schedule.next(after: try #require(Instant(rfc3339: from)))?.rfc3339 == expected)
  }

  @Test(arguments: ["", "* * * *", "60 * * * *", "* 24 * * *", "*/0 * * * *", "5-1 * * * *", "a * * * *", "@never"])
  func wrongSchedules(_ text: String) {
    #expect(CronSchedule(text) == nil)
  }

  @Test(arguments: [
    ("61 3 * * *", "end of range (61) above maximum (59): 61"),
    ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
    ("9-5 * * * *", "beginning of range (9) beyond end of range (5): 9-5"),
    ("1-2-3 * * * *", "too many hyphens: 1-2-3"), ("1/2/3 * * * *", "too many slashes: 1/2/3"),
    ("*/0 * * * *", "step of range should be a positive number: */0"),
    ("x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"),
    ("1 2 3", "expected exactly 5 fields, found 3: [1 2 3]"), ("@never", "unrecognized descriptor: @never"),
    ("@every x", "failed to parse duration @every x: time: invalid duration \"x\""), ("", "empty spec string"),
  ])
  func saysWhatIsWrong(_ text: String, _ message: String) {
    #expect(throws: CronSchedule.Problem(message: message)) { try CronSchedule(parsing: text) }
  }

  @Test func thirtiethOfFebruaryNeverComes() throws {
    #expect(try #require(CronSchedule("0 0 30 2 *")).next(after: .epoch) == nil)
  }
}
