import Values

/// The Date header's value, made anew at most once a second.
struct DateHeader {
  private(set) var bytes: [UInt8] = []
  private var second = Int64.min

  /// `Sat, 31 Jan 2026 09:05:00 GMT` (RFC 9110, IMF-fixdate).
  mutating func update(_ now: Instant) {
    let second = now.seconds
    guard second != self.second else { return }
    self.second = second
    let (year, month, day) = now.civil
    let days = (second - now.secondOfDay) / 86400
    var text = ByteBuffer(capacity: 29)
    text.append(names: "SunMonTueWedThuFriSat", ((days + 4) % 7 + 7) % 7)
    text.append(", ")
    text.append(twoDigits: day)
    text.append(" ")
    text.append(names: "JanFebMarAprMayJunJulAugSepOctNovDec", month - 1)
    text.append(" ")
    text.append(twoDigits: year / 100)
    text.append(twoDigits: year % 100)
    for (mark, value) in [(" ", now.secondOfDay / 3600), (":", now.secondOfDay / 60 % 60), (":", second % 60)] {
      text.append(text: mark)
      text.append(twoDigits: value)
    }
    text.append(" GMT")
    bytes = text.bytes
  }
}

extension ByteBuffer {
  fileprivate mutating func append(names: StaticString, _ index: Int64) {
    append(UnsafeBufferPointer(rebasing: names.bytes[Int(index) * 3..<Int(index) * 3 + 3]))
  }

  fileprivate mutating func append(twoDigits value: Int64) {
    append(UInt8(48 + value / 10 % 10))
    append(UInt8(48 + value % 10))
  }
}
