/// The parameters of a URL, decoded, in their order; a name may stand more than once.
struct Query: Sendable {
  private(set) var pairs: [(name: String, value: String)] = []

  /// Reads `a=1&b=x%20y`. Pairs with a broken escape or a semicolon are left out, as Go's `url.ParseQuery` does.
  init(_ text: ArraySlice<UInt8>) {
    if text.isEmpty { return }
    for part in text.split(separator: UInt8(ascii: "&")) where !part.contains(UInt8(ascii: ";")) {
      let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
      guard let name = percentDecoded(part[..<equals], plusIsSpace: true),
        let value = percentDecoded(part[equals...].dropFirst(), plusIsSpace: true)
      else { continue }
      pairs.append((name, value))
    }
  }

  var isEmpty: Bool { pairs.isEmpty }

  /// The first value; nil when the name does not occur.
  subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

  /// The first value, or "".
  func text(_ name: String) -> String { self[name] ?? "" }

  func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

  /// As Kubernetes reads booleans: anything but `0` and `false` is true, the empty value too; nil when it is not there.
  func bool(_ name: String) -> Bool? {
    guard let value = self[name] else { return nil }
    return value != "0" && value.lowercased() != "false"
  }
}

/// Text with `%xx` replaced; nil when an escape is broken.
func percentDecoded(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> String? {
  bytes.withUnsafeBufferPointer { percentDecoded($0, plusIsSpace: plusIsSpace) }
}

/// Text with `%xx` replaced; nil when an escape is broken.
func percentDecoded(_ bytes: UnsafeBufferPointer<UInt8>, plusIsSpace: Bool = false) -> String? {
  guard bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
    return String(decoding: bytes, as: UTF8.self)
  }
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count)
  var index = bytes.startIndex
  while index < bytes.endIndex {
    let byte = bytes[index]
    index += 1
    if byte == UInt8(ascii: "+"), plusIsSpace {
      result.append(UInt8(ascii: " "))
    } else if byte == UInt8(ascii: "%") {
      guard index + 1 < bytes.endIndex, let high = hexDigit(bytes[index]), let low = hexDigit(bytes[index + 1])
      else { return nil }
      result.append(high << 4 | low)
      index += 2
    } else {
      result.append(byte)
    }
  }
  return String(decoding: result, as: UTF8.self)
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
