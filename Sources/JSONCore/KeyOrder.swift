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

private func byteOrder(_ left: [UInt8], _ right: [UInt8]) -> Bool? {
  left.withUnsafeBufferPointer { left in right.withUnsafeBufferPointer { right in byteOrder(left, right) } }
}
