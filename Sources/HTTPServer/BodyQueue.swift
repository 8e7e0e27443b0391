import Values

/// The part of a response's body that isn't written yet.
struct BodyQueue {
  /// The blob being written, from `offset`; what follows it is in `rest`, from `index`.
  private var current: Blob?
  private var offset = 0
  private var rest: [Blob] = []
  private var index = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// Bytes up to the next boundary between blobs.
  var firstPartCount: Int { (current?.count ?? 0) - offset }

  mutating func append(_ body: Body) {
    switch body {
    case .empty: break
    case .blob(let blob): append(blob)
    case .chunks(let chunks): append(chunks)
    }
  }

  mutating func append(_ blob: Blob) {
    guard blob.count > 0 else { return }
    count += blob.count
    if current == nil { current = blob } else { rest.append(blob) }
  }

  mutating func append(_ blobs: [Blob]) {
    let added = blobs.reduce(0) { $0 + $1.count }
    guard added > 0 else { return }
    count += added
    if rest.isEmpty { rest = blobs } else { rest.append(contentsOf: blobs) }
    if current == nil { advance() }
  }

  private mutating func advance() {
    offset = 0
    current = nil
    while current == nil, index < rest.count {
      if rest[index].count > 0 { current = rest[index] }
      index += 1
    }
    if current == nil {
      rest = []
      index = 0
    }
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
    while left > 0, let blob = current {
      let part = min(left, blob.count - offset)
      body(blob, offset, part)
      left -= part
      offset += part
      if offset == blob.count { advance() }
    }
  }
}
