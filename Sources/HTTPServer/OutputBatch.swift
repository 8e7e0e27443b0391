import CSystem
import Glibc
import Values

/// What one connection writes in one go: small things copied side by side, large ones by reference.
///
/// One per loop, used by one connection at a time and empty in between.
final class OutputBatch {
  /// Below this a copy is cheaper than one more part to gather.
  static let smallBlob = 512
  private static let scratchSize = 64 * 1024
  /// What must be free for the batch to take another HTTP/2 frame whose parts are all copied.
  private static let frameRoom = 18 * 1024

  private let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: scratchSize)
  private var scratchCount = 0
  private(set) var parts: ContiguousArray<iovec> = []
  /// Beside `parts`: who owns the bytes, nil for the scratch memory.
  private var owners: ContiguousArray<Blob?> = []
  private(set) var byteCount = 0
  private let byteLimit: Int

  init(byteLimit: Int) {
    self.byteLimit = byteLimit
    parts.reserveCapacity(256)
    owners.reserveCapacity(256)
  }

  deinit { scratch.deallocate() }

  var isEmpty: Bool { byteCount == 0 }
  var isFull: Bool { byteCount >= byteLimit || Self.scratchSize - scratchCount < Self.frameRoom }
  /// How many bytes it still wants.
  var room: Int { max(0, byteLimit - byteCount) }

  func append(copying bytes: UnsafeBufferPointer<UInt8>) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    guard bytes.count <= Self.scratchSize - scratchCount else { return add(Blob(bytes), 0, bytes.count) }
    let target = scratch + scratchCount
    target.initialize(from: source, count: bytes.count)
    scratchCount += bytes.count
    byteCount += bytes.count
    if let last = parts.indices.last, owners[last] == nil, parts[last].iov_base + parts[last].iov_len == .init(target) {
      parts[last].iov_len += bytes.count
    } else {
      parts.append(iovec(iov_base: target, iov_len: bytes.count))
      owners.append(nil)
    }
  }

  func append(_ text: StaticString) { append(copying: text.bytes) }

  func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append(copying: $0) } }

  func append(_ blob: Blob, from start: Int, count: Int) {
    if count < Self.smallBlob {
      append(copying: UnsafeBufferPointer(rebasing: blob.bytes[start..<start + count]))
    } else {
      add(blob, start, count)
    }
  }

  private func add(_ blob: Blob, _ start: Int, _ count: Int) {
    parts.append(iovec(iov_base: UnsafeMutableRawPointer(mutating: blob.base + start), iov_len: count))
    owners.append(blob)
    byteCount += count
  }

  func removeAll() {
    scratchCount = 0
    byteCount = 0
    parts.removeAll(keepingCapacity: true)
    owners.removeAll(keepingCapacity: true)
  }

  /// What remains when the first `written` bytes are out, in a form that outlives the batch.
  func rest(after written: Int) -> PendingOutput {
    var pending = PendingOutput()
    var skipped = written
    for (part, owner) in zip(parts, owners) {
      guard skipped < part.iov_len, let base = part.iov_base else {
        skipped -= part.iov_len
        continue
      }
      let bytes = UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: part.iov_len)
      if let owner {
        let start = UnsafePointer(bytes.baseAddress!) - owner.base
        pending.append(owner, from: start + skipped, count: part.iov_len - skipped)
      } else {
        let copy = Blob(UnsafeBufferPointer(rebasing: bytes[skipped...]))
        pending.append(copy, from: 0, count: copy.count)
      }
      skipped = 0
    }
    return pending
  }
}

/// Output the socket didn't take yet.
struct PendingOutput {
  private var parts: [(blob: Blob, start: Int, count: Int)] = []
  private var first = 0
  private(set) var byteCount = 0

  var isEmpty: Bool { byteCount == 0 }

  mutating func append(_ blob: Blob, from start: Int, count: Int) {
    parts.append((blob, start, count))
    byteCount += count
  }

  /// Puts the next parts, at most `vectors.count`, into `vectors`; tells how many.
  func gather(into vectors: UnsafeMutableBufferPointer<iovec>) -> Int {
    var count = 0
    for part in parts[first...].prefix(vectors.count) {
      let base = UnsafeMutableRawPointer(mutating: part.blob.base + part.start)
      vectors[count] = iovec(iov_base: base, iov_len: part.count)
      count += 1
    }
    return count
  }

  mutating func consume(_ written: Int) {
    var written = written
    byteCount -= written
    while written > 0, first < parts.count {
      let taken = min(written, parts[first].count)
      parts[first].start += taken
      parts[first].count -= taken
      written -= taken
      if parts[first].count == 0 { first += 1 }
    }
    if first == parts.count {
      parts = []
      first = 0
    }
  }
}
