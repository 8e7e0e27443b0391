/// Byte order of two keys: true when the left comes first, false when the right does, nil when they are the same bytes.
/// `String.<` would fold canonically equivalent keys into one, and so lose a member.
public func keyOrder(_ left: String, _ right: String) -> Bool? {
  // Without copies of the strings, whose reference counts would cost more than the comparison.
  let order = left.utf8.withContiguousStorageIfAvailable { left in
    right.utf8.withContiguousStorageIfAvailable { right in byteOrder(left, right) }
  }
  if let order, let order { return order }
  return byteOrder(Array(left.utf8), Array(right.utf8))
}

@inline(__always)
func byteOrder(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool? {
  let common = Swift.min(left.count, right.count)
  var index = 0
  while index < common {
    if left[index] != right[index] { return left[index] < right[index] }
    index += 1
  }
  return left.count == right.count ? nil : left.count < right.count
}

/// The first eight bytes of a key as one number that orders as they do; keys of the same number may differ further on.
@inline(__always)
func keyPrefix(_ key: String) -> UInt64 {
  key.utf8.withContiguousStorageIfAvailable { keyPrefix($0.baseAddress, $0.count) } ?? keyPrefix(ofCopy: key)
}

private func keyPrefix(ofCopy key: String) -> UInt64 {
  Array(key.utf8).withUnsafeBufferPointer { keyPrefix($0.baseAddress, $0.count) }
}

@inline(__always)
func keyPrefix(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> UInt64 {
  guard let bytes else { return 0 }
  if count >= 8 { return UInt64(bigEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self)) }
  var result: UInt64 = 0
  for offset in 0..<count { result |= UInt64(bytes[offset]) << UInt64(56 &- 8 &* offset) }
  return result
}

private func byteOrder(_ left: [UInt8], _ right: [UInt8]) -> Bool? {
  left.withUnsafeBufferPointer { left in right.withUnsafeBufferPointer { right in byteOrder(left, right) } }
}
