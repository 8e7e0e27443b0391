import Values

/// Appends protobuf (proto2) fields to a run of memory, which becomes a blob without being copied.
struct ProtobufWriter: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 64) {
    self.capacity = max(capacity, 64)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  /// What has been written so far.
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  /// What has been written, and the end of the writer.
  consuming func blob() -> Blob {
    let result = Blob(adopting: base, count: count)
    discard self
    return result
  }

  enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case fixed32 = 5
  }

  /// The longest varint, twice: what a tag and a length may take.
  private static let longestHead = 20

  @inline(__always)
  private mutating func reserve(_ more: Int) {
    if count + more > capacity { grow(more) }
  }

  private mutating func grow(_ more: Int) {
    capacity = max(capacity * 2, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
  }

  /// For whom has reserved ten bytes.
  @inline(__always)
  private mutating func put(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      base[count] = UInt8(truncatingIfNeeded: value) | 0x80
      count += 1
      value >>= 7
    }
    base[count] = UInt8(truncatingIfNeeded: value)
    count += 1
  }

  @inline(__always)
  private mutating func tag(_ number: Int, _ type: WireType) { put(UInt64(number) << 3 | type.rawValue) }

  /// Bytes as they are.
  mutating func raw(_ more: UnsafeBufferPointer<UInt8>) {
    guard let start = more.baseAddress else { return }
    reserve(more.count)
    (base + count).update(from: start, count: more.count)
    count += more.count
  }

  mutating func raw(_ byte: UInt8) {
    reserve(1)
    base[count] = byte
    count += 1
  }

  mutating func varint(_ number: Int, _ value: Int64) {
    reserve(Self.longestHead)
    tag(number, .varint)
    put(UInt64(bitPattern: value))
  }

  mutating func double(_ number: Int, _ value: Double) {
    reserve(Self.longestHead)
    tag(number, .fixed64)
    UnsafeMutableRawPointer(base + count).storeBytes(of: value.bitPattern.littleEndian, as: UInt64.self)
    count += 8
  }

  mutating func string(_ number: Int, _ text: String) {
    var text = text
    text.withUTF8 { data(number, $0) }
  }

  mutating func data(_ number: Int, _ data: UnsafeBufferPointer<UInt8>) {
    head(number, length: data.count)
    raw(data)
  }

  /// What comes before a field of this many bytes.
  mutating func head(_ number: Int, length: Int) {
    reserve(Self.longestHead)
    tag(number, .delimited)
    put(UInt64(length))
  }

  /// Begins a field whose length is not known yet; one byte is kept for it.
  /// - Returns: what `close` wants to know.
  mutating func open(_ number: Int) -> Int {
    reserve(Self.longestHead)
    tag(number, .delimited)
    count += 1
    return count
  }

  /// Ends a field; a length of more than one byte moves the content.
  mutating func close(_ start: Int) {
    let length = count - start
    if length < 0x80 {
      base[start - 1] = UInt8(truncatingIfNeeded: length)
      return
    }
    let more = (63 - length.leadingZeroBitCount) / 7
    reserve(more)
    (base + start + more).update(from: base + start, count: length)
    count = start - 1
    put(UInt64(length))
    count += length
  }

  /// Takes back all that was written since there were `count` bytes.
  mutating func truncate(to count: Int) { self.count = count }

  /// Four bytes, the highest first, over those that stand there.
  mutating func patch(_ value: UInt32, at index: Int) {
    UnsafeMutableRawPointer(base + index).storeBytes(of: value.bigEndian, as: UInt32.self)
  }
}
