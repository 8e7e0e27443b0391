import CNghttp2
import Values

/// Makes nghttp2's header arrays in memory that one loop reuses.
final class HeaderFields {
  private var text: [UInt8] = []
  private var fields: [nghttp2_nv] = []
  /// Where in `text` the names and values of the fields lie that aren't at a fixed address.
  private var places: [(field: Int, name: Range<Int>?, value: Range<Int>)] = []

  private static let fixedName = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue)
  /// Values that never repeat would only push useful ones out of the peer's table.
  private static let passing = UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue)

  func withFields<Result>(
    _ head: ResponseHead, date: [UInt8], _ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result
  ) -> Result {
    text.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    add(":status", flags: 0) { text in text.append(contentsOf: threeDigits(head.status)) }
    fields.append(contentsOf: head.prepared.fields)
    for header in head.headers { add(header) }
    add("date", flags: 0) { text in text.append(contentsOf: date) }
    if let length = head.contentLength, Exchange.hasBody(head.status) {
      add("content-length", flags: 0) { text in text.append(contentsOf: String(length).utf8) }
    }
    return text.withUnsafeMutableBufferPointer { text in
      guard let base = text.baseAddress else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
      for place in places {
        if let name = place.name { fields[place.field].name = base + name.lowerBound }
        fields[place.field].value = base + place.value.lowerBound
      }
      return fields.withUnsafeBufferPointer(body)
    }
  }

  private func add(_ header: (name: HeaderName, value: String)) {
    let fill = { (text: inout [UInt8]) in
      for byte in header.value.utf8 { text.append(sanitized(byte)) }
    }
    switch header.name.storage {
    case .literal(let name): add(name, flags: Self.passing, fill)
    case .text:
      let start = text.count
      text.append(contentsOf: header.name.bytes)
      let name = start..<text.count
      fill(&text)
      append(nil, name, name.upperBound..<text.count, flags: Self.passing)
    }
  }

  private func add(_ name: StaticString, flags: UInt8, _ fill: (inout [UInt8]) -> Void) {
    let start = text.count
    fill(&text)
    append(name, nil, start..<text.count, flags: flags | Self.fixedName)
  }

  private func append(_ literal: StaticString?, _ name: Range<Int>?, _ value: Range<Int>, flags: UInt8) {
    places.append((fields.count, name, value))
    let fixed = literal.map { UnsafeMutablePointer(mutating: $0.utf8Start) }
    fields.append(
      nghttp2_nv(
        name: fixed, value: nil, namelen: literal?.utf8CodeUnitCount ?? name?.count ?? 0, valuelen: value.count,
        flags: flags))
  }

  private func threeDigits(_ status: Int) -> [UInt8] {
    let status = (100...999).contains(status) ? status : 500
    return [UInt8(48 + status / 100), UInt8(48 + status / 10 % 10), UInt8(48 + status % 10)]
  }
}
