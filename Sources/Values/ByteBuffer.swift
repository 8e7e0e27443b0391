/// A growable run of bytes that encoders append to; it becomes a `Blob` when it is done.
public struct ByteBuffer: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  public var count: Int { bytes.count }

  @inline(__always) public mutating func append(_ byte: UInt8) { bytes.append(byte) }

  @inline(__always) public mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  public mutating func append(_ more: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: more) }

  public mutating func append(_ more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

  public mutating func append(_ blob: Blob) { bytes.append(contentsOf: blob.bytes) }

  public mutating func append(text: String) { bytes.append(contentsOf: text.utf8) }

  /// The decimal digits of a number.
  public mutating func append(decimal value: Int64) {
    if value >= 0 && value < 10 { return bytes.append(UInt8(48 + value)) }
    var magnitude = value.magnitude
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var start = 20
      repeat {
        start -= 1
        digits[start] = UInt8(48 + magnitude % 10)
        magnitude /= 10
      } while magnitude > 0
      if value < 0 { bytes.append(45) }
      bytes.append(contentsOf: digits[start...])
    }
  }

  /// Takes back all that was appended since it had `count` bytes.
  public mutating func truncate(to count: Int) { bytes.removeLast(bytes.count - count) }

  public mutating func removeAll(keepingCapacity: Bool = true) { bytes.removeAll(keepingCapacity: keepingCapacity) }

  public func blob() -> Blob { Blob(bytes) }
}
