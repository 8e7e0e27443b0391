import CScan
import Values

extension Blob {
  /// Whether these bytes stand anywhere in it.
  public func contains(_ part: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = part.baseAddress else { return true }
    return scan_contains(base, count, start, part.count) != 0
  }
}
