import Objects
import Values

/// Durations, moments, and turning values into other types.
extension Functions {
  static let addTimes: Function.Body = { arguments throws(EvaluationError) in
    switch (arguments[0], arguments[1]) {
    case (.duration(let left), .duration(let right)):
      return .duration(try length { left.nanoseconds.addingReportingOverflow(right.nanoseconds) })
    case (.timestamp(let time), .duration(let length)), (.duration(let length), .timestamp(let time)):
      return .timestamp(time + length)
    default: throw EvaluationError("no such overload")
    }
  }

  /// A duration that fits; the language has none longer than 292 years.
  private static func length(
    _ nanoseconds: () -> (partialValue: Int64, overflow: Bool)
  ) throws(EvaluationError) -> Duration {
    let (result, overflows) = nanoseconds()
    if overflows { throw integerOverflow }
    return .nanoseconds(result)
  }

  static let subtractTimes: Function.Body = { arguments throws(EvaluationError) in
    switch (arguments[0], arguments[1]) {
    case (.duration(let left), .duration(let right)):
      return .duration(try length { left.nanoseconds.subtractingReportingOverflow(right.nanoseconds) })
    case (.timestamp(let time), .duration(let length)): return .timestamp(time - length)
    case (.timestamp(let left), .timestamp(let right)): return .duration(left - right)
    default: throw EvaluationError("no such overload")
    }
  }

  static let times: Library = {
    var result: Library = [:]
    for (name, read) in parts {
      result[name] = [
        .member([.timestamp], .int) { arguments in .int(read(arguments[0].moment)) },
        .member([.timestamp, .string], .int) { arguments throws(EvaluationError) in
          .int(read(arguments[0].moment + (try offset(of: arguments[1].text, at: arguments[0].moment))))
        },
      ]
    }
    for (name, unit) in units {
      result[name, default: []].append(
        .member([.duration], .int) { arguments in
          name == "getMilliseconds"
            ? .int(arguments[0].length.nanoseconds / 1_000_000 % 1000) : .int(arguments[0].length.nanoseconds / unit)
        })
    }
    return result
  }()

  private static let units: [String: Int64] = [
    "getHours": 3_600_000_000_000, "getMinutes": 60_000_000_000, "getSeconds": 1_000_000_000,
    "getMilliseconds": 1_000_000,
  ]

  private static let parts: [String: @Sendable (Instant) -> Int64] = [
    "getFullYear": { $0.civil.year }, "getMonth": { $0.civil.month - 1 }, "getDate": { $0.civil.day },
    "getDayOfMonth": { $0.civil.day - 1 },
    "getDayOfYear": { time in
      let civil = time.civil
      return Instant.daysFromCivil(year: civil.year, month: civil.month, day: civil.day)
        - Instant.daysFromCivil(year: civil.year, month: 1, day: 1)
    },
    "getDayOfWeek": { time in
      let civil = time.civil
      let days = Instant.daysFromCivil(year: civil.year, month: civil.month, day: civil.day)
      return ((days + 4) % 7 + 7) % 7
    },
    "getHours": { $0.secondOfDay / 3600 }, "getMinutes": { $0.secondOfDay / 60 % 60 },
    "getSeconds": { $0.secondOfDay % 60 },
    "getMilliseconds": { ($0.nanoseconds % 1_000_000_000 + 1_000_000_000) % 1_000_000_000 / 1_000_000 },
  ]

  /// How far a zone is from UTC: by its name, or as `+02:00`.
  private static func offset(of zone: String, at time: Instant) throws(EvaluationError) -> Duration {
    if zone == "UTC" || zone.isEmpty { return .zero }
    let sign = zone.hasPrefix("-") ? -1 : 1
    let numbers = zone.drop { $0 == "+" || $0 == "-" }.split(separator: ":").map { Int($0) }
    if numbers.count == 2, let hours = numbers[0], let minutes = numbers[1], (0..<24).contains(hours),
      (0..<60).contains(minutes)
    {
      return .seconds(sign * (hours * 3600 + minutes * 60))
    }
    do {
      return .seconds(try ZoneDatabase.system.rules(zone).period(at: time).offset)
    } catch {
      throw EvaluationError("unknown time zone \(zone)")
    }
  }

  private static let printable: [ValueType] = [
    .string, .int, .uint, .double, .bool, .bytes, .duration, .timestamp, .named("URL"), .named("IP"), .named("CIDR"),
  ]

  static let conversions: Library = [
    "int": [
      .plain([.int], .int) { $0[0] },
      .plain([.uint], .int) { arguments throws(EvaluationError) in
        guard case .uint(let number) = arguments[0], let result = Int64(exactly: number) else { throw integerOverflow }
        return .int(result)
      },
      .plain([.double], .int) { arguments throws(EvaluationError) in
        guard case .double(let number) = arguments[0], let result = Int64(exactly: number.rounded(.towardZero)) else {
          throw integerOverflow
        }
        return .int(result)
      },
      .plain([.string], .int) { arguments throws(EvaluationError) in
        guard let result = Int64(arguments[0].text) else {
          throw EvaluationError("strconv.ParseInt: parsing \"\(arguments[0].text)\": invalid syntax")
        }
        return .int(result)
      },
      .plain([.timestamp], .int) { .int($0[0].moment.seconds) },
    ],
    "uint": [
      .plain([.uint], .uint) { $0[0] },
      .plain([.int], .uint) { arguments throws(EvaluationError) in
        guard let result = UInt64(exactly: arguments[0].whole) else {
          throw EvaluationError("unsigned integer overflow")
        }
        return .uint(result)
      },
      .plain([.double], .uint) { arguments throws(EvaluationError) in
        guard case .double(let number) = arguments[0], let result = UInt64(exactly: number.rounded(.towardZero)) else {
          throw EvaluationError("unsigned integer overflow")
        }
        return .uint(result)
      },
      .plain([.string], .uint) { arguments throws(EvaluationError) in
        guard let result = UInt64(arguments[0].text) else {
          throw EvaluationError("strconv.ParseUint: parsing \"\(arguments[0].text)\": invalid syntax")
        }
        return .uint(result)
      },
    ],
    "double": [
      .plain([.double], .double) { $0[0] }, .plain([.int], .double) { .double(Double($0[0].whole)) },
      .plain([.uint], .double) { .double(Double($0[0].text) ?? 0) },
      .plain([.string], .double) { arguments throws(EvaluationError) in
        guard let result = Double(arguments[0].text) else {
          throw EvaluationError("strconv.ParseFloat: parsing \"\(arguments[0].text)\": invalid syntax")
        }
        return .double(result)
      },
    ],
    "string": printable.map { .plain([$0], .string) { .string($0[0].text) } },
    "bytes": [.plain([.string], .bytes) { .bytes(Array($0[0].text.utf8)) }, .plain([.bytes], .bytes) { $0[0] }],
    "bool": [
      .plain([.bool], .bool) { $0[0] },
      .plain([.string], .bool) { arguments throws(EvaluationError) in
        switch arguments[0].text {
        case "true", "True", "TRUE", "t", "1": return .bool(true)
        case "false", "False", "FALSE", "f", "0": return .bool(false)
        default: throw EvaluationError("type conversion error from 'string' to 'bool'")
        }
      },
    ],
    "duration": [
      .plain([.duration], .duration) { $0[0] },
      .plain([.string], .duration) { arguments throws(EvaluationError) in
        guard let length = Duration(go: arguments[0].text) else {
          throw EvaluationError("time: invalid duration \"\(arguments[0].text)\"")
        }
        return .duration(length)
      },
    ],
    "timestamp": [
      .plain([.timestamp], .timestamp) { $0[0] },
      .plain([.int], .timestamp) { .timestamp(Instant(seconds: $0[0].whole)) },
      .plain([.string], .timestamp) { arguments throws(EvaluationError) in
        guard let time = Instant(rfc3339: arguments[0].text) else {
          throw EvaluationError("parsing time \"\(arguments[0].text)\" as \"2006-01-02T15:04:05Z07:00\"")
        }
        return .timestamp(time)
      },
    ],
    "dyn": [.plain([.dynamic], .dynamic) { $0[0] }],
    "type": [.plain([.dynamic], .type) { .type($0[0].typeName) }],
  ]
}

extension Value {
  fileprivate var moment: Instant { if case .timestamp(let time) = self { time } else { .epoch } }
  fileprivate var length: Duration { if case .duration(let length) = self { length } else { .zero } }
}
