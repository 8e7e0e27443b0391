import Values

/// A time zone: how far its clocks are from UTC, and when that changes. Read from the compiled files of the IANA database.
/// Source of the format: RFC 9636 (TZif).
public struct ZoneRules: Sendable, Equatable {
  /// A stretch of time with one offset.
  public struct Period: Sendable, Equatable {
    /// Seconds east of UTC.
    public var offset: Int64
    /// The first moment of the next stretch.
    public var end: Instant
  }

  struct Transition: Sendable, Equatable {
    /// In seconds since 1970.
    var time: Int64
    /// From then on.
    var offset: Int64
  }

  private let first: Int64
  private let transitions: [Transition]
  /// What goes for the time after the last transition.
  private let footer: ZoneFooter?

  public static let utc = ZoneRules(first: 0, transitions: [], footer: nil)

  init(first: Int64, transitions: [Transition], footer: ZoneFooter?) {
    self.first = first
    self.transitions = transitions
    self.footer = footer
  }

  /// The offset at a moment, and how long it lasts.
  public func period(at instant: Instant) -> Period {
    let time = instant.seconds
    let next = position(after: time)
    if next < transitions.count {
      let offset = next == 0 ? first : transitions[next - 1].offset
      return Period(offset: offset, end: Instant(seconds: transitions[next].time))
    }
    if let footer { return footer.period(at: time) }
    return Period(offset: transitions.last?.offset ?? first, end: .distantFuture)
  }

  /// `2026-03-29T03:30:00+02:00`; `Z` where the clocks show UTC.
  public func rfc3339(_ instant: Instant) -> String {
    let offset = period(at: instant).offset
    let text = (instant + .seconds(offset)).rfc3339
    if offset == 0 { return text }
    let minutes = abs(offset) / 60
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
    return text.dropLast() + (offset < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60)
  }

  /// The first transition after a moment.
  private func position(after time: Int64) -> Int {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].time <= time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension ZoneRules {
  /// Reads a TZif file, of any version; nil when it is something else or damaged.
  public init?(tzif bytes: [UInt8]) {
    var reader = ZoneReader(bytes)
    guard var header = reader.header() else { return nil }
    var width = 4
    if header.version >= UInt8(ascii: "2") {
      // The same once more with eight bytes for each time.
      guard reader.skip(header.size(width: 4)), let second = reader.header() else { return nil }
      header = second
      width = 8
    }
    guard let (first, transitions) = reader.body(header, width: width) else { return nil }
    let footer = width == 8 ? reader.footer() : ""
    let rule = footer.isEmpty ? nil : ZoneFooter(footer)
    if !footer.isEmpty, rule == nil { return nil }
    self.init(first: first, transitions: transitions, footer: rule)
  }
}

/// Walks over the bytes of a TZif file.
private struct ZoneReader {
  struct Header {
    var version: UInt8
    var isUTC = 0, isStandard = 0, leaps = 0, times = 0, types = 0, characters = 0

    func size(width: Int) -> Int {
      times * (width + 1) + types * 6 + characters + leaps * (width + 4) + isStandard + isUTC
    }
  }

  /// No file of the database comes near it.
  private static let largestCount = 100_000

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func skip(_ count: Int) -> Bool {
    guard count >= 0, position + count <= bytes.count else { return false }
    position += count
    return true
  }

  private mutating func number(_ width: Int) -> Int64? {
    guard position + width <= bytes.count else { return nil }
    var value: UInt64 = 0
    for byte in bytes[position..<position + width] { value = value << 8 | UInt64(byte) }
    position += width
    switch width {
    case 1: return Int64(value)
    case 4: return Int64(Int32(truncatingIfNeeded: value))
    default: return Int64(bitPattern: value)
    }
  }

  mutating func header() -> Header? {
    guard position + 44 <= bytes.count, bytes[position..<position + 4].elementsEqual("TZif".utf8) else { return nil }
    var header = Header(version: bytes[position + 4])
    position += 20
    for field: WritableKeyPath<Header, Int> in [\.isUTC, \.isStandard, \.leaps, \.times, \.types, \.characters] {
      guard let count = number(4), (0...Int64(Self.largestCount)).contains(count) else { return nil }
      header[keyPath: field] = Int(count)
    }
    return header.types > 0 ? header : nil
  }

  mutating func body(_ header: Header, width: Int) -> (first: Int64, transitions: [ZoneRules.Transition])? {
    let start = position
    let end = start + header.size(width: width)
    guard end <= bytes.count else { return nil }
    let times = (0..<header.times).compactMap { _ in number(width) }
    let kinds = (0..<header.times).compactMap { _ in number(1) }
    var offsets: [Int64] = []
    for _ in 0..<header.types {
      guard let offset = number(4), abs(offset) < 26 * 3600, skip(2) else { return nil }
      offsets.append(offset)
    }
    guard times.count == kinds.count, kinds.allSatisfy({ Int($0) < offsets.count }),
      zip(times, times.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    position = end
    return (offsets[0], zip(times, kinds).map { ZoneRules.Transition(time: $0, offset: offsets[Int($1)]) })
  }

  /// The line behind it all.
  mutating func footer() -> String {
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\n") else { return "" }
    return String(decoding: bytes[(position + 1)...].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
