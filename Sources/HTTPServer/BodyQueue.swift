import Values

/// The part of a response's body that isn't written yet.
struct BodyQueue {
  private var blobs: [Blob] = []
  private var index = 0
  private var offset = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// Bytes up to the next boundary between blobs.
  var firstPartCount: Int { index < blobs.count ? blobs[index].count - offset : 0 }

  mutating func append(_ more: [Blob]) {
    if index == blobs.count {
      blobs = more
      index = 0
    } else {
      blobs.append(contentsOf: more)
    }
    for blob in more { count += blob.count }
  }

  mutating func take(_ byteCount: Int, into batch: OutputBatch) {
    take(byteCount) { blob, start, count in batch.append(blob, from: start, count: count) }
  }

  mutating func copy(_ byteCount: Int, to target: UnsafeMutablePointer<UInt8>) {
    var target = target
    take(byteCount) { blob, start, count in
      target.update(from: blob.base + start, count: count)
      target += count
    }
  }

  @inline(__always)
  private mutating func take(_ byteCount: Int, _ body: (Blob, Int, Int) -> Void) {
    var left = min(byteCount, count)
    count -= left
    while left > 0 {
      let part = min(left, blobs[index].count - offset)
      if part > 0 { body(blobs[index], offset, part) }
      left -= part
      offset += part
      if offset == blobs[index].count {
        index += 1
        offset = 0
      }
    }
    if count == 0 {
      blobs = []
      index = 0
      offset = 0
    }
  }
}
