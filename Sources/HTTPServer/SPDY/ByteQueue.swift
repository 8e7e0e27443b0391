/// Bytes that are added at the end and taken from the front, at a price that does not depend on how many wait.
struct ByteQueue {
  private var bytes: [UInt8] = []
  /// How many at the front are taken already.
  private var start = 0

  var count: Int { bytes.count - start }
  var isEmpty: Bool { count == 0 }

  static func += (queue: inout ByteQueue, more: [UInt8]) {
    if queue.isEmpty {
      queue.bytes = more
      queue.start = 0
    } else {
      queue.bytes += more
    }
  }

  mutating func take(_ limit: Int) -> [UInt8] {
    if start == 0, limit >= bytes.count {
      defer { bytes = [] }
      return bytes
    }
    let end = start + min(max(limit, 0), count)
    defer {
      start = end
      // Moved once as many bytes are gone as stay.
      if start >= bytes.count - start {
        bytes.removeFirst(start)
        start = 0
      }
    }
    return Array(bytes[start..<end])
  }
}
