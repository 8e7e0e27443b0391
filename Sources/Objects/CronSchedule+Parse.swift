import Values

extension CronSchedule {
  /// Why a text is not a schedule, in the words of the parser that stock clusters have.
  public struct Problem: Error, Equatable {
    public let message: String
  }

  private static let shorthands = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
  ]
  private static let monthNames = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  private static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

  /// Nil when the text is not a schedule.
  public init?(_ text: String) {
    do throws(Problem) { try self.init(parsing: text) } catch { return nil }
  }

  public init(parsing text: String) throws(Problem) {
    self.init()
    if text.hasPrefix("@every ") {
      let span = String(text.dropFirst(7))
      guard let seconds = Self.seconds(span) else {
        throw Problem(message: "failed to parse duration \(text): time: invalid duration \"\(span)\"")
      }
      interval = .seconds(max(1, seconds))
      return
    }
    let line = Self.shorthands[text]
    if text.hasPrefix("@"), line == nil { throw Problem(message: "unrecognized descriptor: \(text)") }
    if text.isEmpty { throw Problem(message: "empty spec string") }
    let fields = (line ?? text).split(whereSeparator: \.isWhitespace).map(String.init)
    if fields.count != 5 {
      throw Problem(
        message: "expected exactly 5 fields, found \(fields.count): [\(fields.joined(separator: " "))]")
    }
    minutes = try Self.field(fields[0], 0...59).values
    hours = try Self.field(fields[1], 0...23).values
    (days, anyDay) = try Self.field(fields[2], 1...31)
    months = try Self.field(fields[3], 1...12, Self.monthNames).values
    (weekdays, anyWeekday) = try Self.field(fields[4], 0...6, Self.dayNames)
  }

  /// `1`, `*/5`, `1-5`, `0-30/10`, `mon,wed`
  /// - Returns: the values, and whether any part of the field stands for all of them.
  private static func field(
    _ text: String, _ range: ClosedRange<Int>, _ names: [String] = []
  ) throws(Problem) -> (values: Set<Int>, isAny: Bool) {
    var result: (values: Set<Int>, isAny: Bool) = ([], false)
    for part in text.split(separator: ",").map(String.init) {
      let halves = part.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
      let isStar = ends[0] == "*" || ends[0] == "?"
      var (first, last) = (range.lowerBound, range.upperBound)
      if !isStar {
        if ends.count > 2 { throw Problem(message: "too many hyphens: \(part)") }
        first = try number(ends[0], part, range, names)
        last = ends.count == 2 ? try number(ends[1], part, range, names) : first
      }
      if halves.count > 2 { throw Problem(message: "too many slashes: \(part)") }
      let step = halves.count == 2 ? try number(halves[1], part, range) : 1
      if halves.count == 2, ends.count == 1 { last = range.upperBound }
      try check(first, last, step, range, part)
      if isStar && step == 1 { result.isAny = true }
      result.values.formUnion(stride(from: first, through: last, by: step))
    }
    return result
  }

  private static func check(
    _ first: Int, _ last: Int, _ step: Int, _ range: ClosedRange<Int>, _ part: String
  ) throws(Problem) {
    if first < range.lowerBound {
      throw Problem(message: "beginning of range (\(first)) below minimum (\(range.lowerBound)): \(part)")
    }
    if last > range.upperBound {
      throw Problem(message: "end of range (\(last)) above maximum (\(range.upperBound)): \(part)")
    }
    if first > last { throw Problem(message: "beginning of range (\(first)) beyond end of range (\(last)): \(part)") }
    if step == 0 { throw Problem(message: "step of range should be a positive number: \(part)") }
  }

  private static func number(
    _ text: String, _ part: String, _ range: ClosedRange<Int>, _ names: [String] = []
  ) throws(Problem) -> Int {
    if let place = names.firstIndex(of: text.lowercased()) { return range.lowerBound + place }
    guard let value = Int(text) else {
      throw Problem(
        message: "failed to parse int from \(part): strconv.Atoi: parsing \(Status.quoted(text)): invalid syntax")
    }
    if value < 0 { throw Problem(message: "negative number (\(value)) not allowed: \(part)") }
    return value
  }

  /// `1h30m`, `90s`
  private static func seconds(_ text: String) -> Int64? {
    var total: Int64 = 0
    var digits = ""
    for character in text {
      if character.isNumber {
        digits.append(character)
        continue
      }
      guard let number = Int64(digits), number < 1_000_000,
        let unit = ["h": 3600, "m": 60, "s": 1][character] as Int64?
      else { return nil }
      total += number * unit
      digits = ""
    }
    return digits.isEmpty && total > 0 ? total : nil
  }
}
