import Glibc

/// An immutable run of bytes at a fixed address: a stored object, a response body, an encoded watch event.
///
/// Many readers share one blob without copying it; the address stays valid as long as any of them holds on.
public final class Blob: @unchecked Sendable {
  /// The first byte; valid for `count` bytes and for as long as the blob lives.
  public let base: UnsafePointer<UInt8>
  public let count: Int
  /// The blob whose memory this is a part of; nil when the memory is its own.
  private let owner: Blob?

  /// Makes a blob of `count` bytes that `fill` must write in full.
  public init(count: Int, fill: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(count, 1))
    fill(UnsafeMutableBufferPointer(start: memory, count: count))
    self.base = UnsafePointer(memory)
    self.count = count
    self.owner = nil
  }

  /// Takes over memory that was made by `allocate`, and gives it back at its end; `count` bytes of it are written.
  public init(adopting memory: UnsafeMutablePointer<UInt8>, count: Int) {
    self.base = UnsafePointer(memory)
    self.count = count
    self.owner = nil
  }

  /// A part of another blob, which it keeps alive; nothing is copied.
  public init(_ whole: Blob, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= whole.count)
    self.base = whole.base + range.lowerBound
    self.count = range.count
    self.owner = whole.owner ?? whole
  }

  public convenience init(_ bytes: some Collection<UInt8>) {
    self.init(count: bytes.count) { target in
      _ = target.initialize(from: bytes)
    }
  }

  public convenience init(_ text: String) {
    self.init(text.utf8)
  }

  deinit { if owner == nil { base.deallocate() } }

  public static let empty = Blob(count: 0) { _ in }

  public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  /// The bytes as text; malformed UTF-8 is repaired.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension Blob: Equatable {
  public static func == (left: Blob, right: Blob) -> Bool {
    left === right || left.count == right.count && memcmp(left.base, right.base, left.count) == 0
  }
}
