import CScan
import Values

/// A piece of JSON text that is known to be well formed (we wrote it), read without being decoded.
/// Reading the labels of a 4 KB pod this way costs a twentieth of parsing it.
public struct RawJSON {
  /// From the first byte of this value to the end of the text around it: where the value itself ends is looked for only
  /// by those who want to know, for that is most of the work.
  private let text: UnsafeBufferPointer<UInt8>

  public init(_ bytes: UnsafeBufferPointer<UInt8>) { text = bytes }

  public var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: text[..<Self.endOfValue(text, 0)])
  }

  /// The text of an object's member; nil when there is none, or when this is not an object.
  public func member(_ name: StaticString) -> RawJSON? {
    guard text.count > 1, text[0] == UInt8(ascii: "{") else { return nil }
    let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    var index = 1
    while index < text.count, text[index] == UInt8(ascii: "\"") {
      let end = Self.endOfString(text, index)
      let order = byteOrder(UnsafeBufferPointer(rebasing: text[index + 1..<max(index + 1, end - 1)]), wanted)
      let start = min(end + 1, text.count)
      if order == nil { return slice(start, text.count) }
      // We wrote the keys in order: what is not here does not come any more.
      if order == false { return nil }
      // Behind the comma; or behind the end of the object, where no string can stand.
      index = Self.endOfValue(text, start) + 1
    }
    return nil
  }

  /// Visits the members of an object in the order of the text; `name` is a JSON string, quotes included.
  @inline(__always)
  public func forEachMember(_ body: (_ name: RawJSON, _ value: RawJSON) -> Void) {
    guard text.count > 1, text[0] == UInt8(ascii: "{") else { return }
    var index = 1
    while index < text.count, text[index] == UInt8(ascii: "\"") {
      let end = Self.endOfString(text, index)
      let stop = Self.endOfValue(text, min(end + 1, text.count))
      body(slice(index, end), slice(min(end + 1, stop), stop))
      index = stop + 1
    }
  }

  /// The members of an object one after the other, for those who walk over several texts together.
  public struct Members: IteratorProtocol {
    private let object: RawJSON
    private var index = 1

    fileprivate init(_ object: RawJSON) { self.object = object }

    /// A name with its quotes, and its value.
    @inline(__always)
    public mutating func next() -> (name: RawJSON, value: RawJSON)? {
      let text = object.text
      guard index < text.count, text[index] == UInt8(ascii: "\"") else { return nil }
      let end = RawJSON.endOfString(text, index)
      let stop = RawJSON.endOfValue(text, min(end + 1, text.count))
      defer { index = stop + 1 }
      return (object.slice(index, end), object.slice(min(end + 1, stop), stop))
    }
  }

  /// Of an object; none where this is something else.
  public var members: Members { Members(self) }

  /// The text as it is, which must be that of this value alone.
  public var wholeText: UnsafeBufferPointer<UInt8> { text }

  /// Visits the elements of an array.
  public func forEachElement(_ body: (RawJSON) -> Void) {
    guard text.count > 1, text[0] == UInt8(ascii: "["), text[1] != UInt8(ascii: "]") else { return }
    var index = 1
    while index < text.count {
      let stop = Self.endOfValue(text, index)
      body(slice(index, stop))
      guard stop < text.count, text[stop] == UInt8(ascii: ",") else { return }
      index = stop + 1
    }
  }

  /// Whether this is the string `name` (which needs no escapes).
  @inline(__always)
  public func isString(_ name: StaticString) -> Bool {
    let count = name.utf8CodeUnitCount
    return text.count >= count + 2 && text[0] == UInt8(ascii: "\"") && text[count + 1] == UInt8(ascii: "\"")
      && slice(1, count + 1).text.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: count))
  }

  private func slice(_ start: Int, _ end: Int) -> RawJSON {
    RawJSON(UnsafeBufferPointer(rebasing: text[start..<end]))
  }

  /// The value, decoded.
  public func decoded() -> JSON? { try? JSON.parse(stored: bytes) }

  /// The number, when this is a plain integer.
  public var int: Int? { decoded()?.int }

  /// Whether this is the word `true`.
  public var isTrue: Bool { bytes.count == 4 && bytes[0] == UInt8(ascii: "t") }

  /// The decoded string, or "" when this is not a string.
  public var string: String {
    let bytes = bytes
    guard bytes.count >= 2, bytes[0] == UInt8(ascii: "\"") else { return "" }
    let inner = UnsafeBufferPointer(rebasing: bytes[1..<bytes.count - 1])
    return inner.contains(UInt8(ascii: "\\")) ? decoded()?.string ?? "" : String(decoding: inner, as: UTF8.self)
  }

  /// The index behind the closing quote of the string that opens at `index`.
  private static func endOfString(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    var index = start + 1
    while index < bytes.count {
      if index + 8 <= bytes.count {
        let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
        let found = Bytes8.needsCare(UInt64(littleEndian: word))
        if found == 0 {
          index += 8
          continue
        }
        index += found.trailingZeroBitCount >> 3
      }
      if base[index] == UInt8(ascii: "\"") { return index + 1 }
      index += base[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return bytes.count
  }

  /// The index behind the compact value that starts at `index`.
  static func endOfValue(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    guard let base = bytes.baseAddress, start < bytes.count else { return bytes.count }
    switch bytes[start] {
    case UInt8(ascii: "\""): return endOfString(bytes, start)
    case UInt8(ascii: "{"), UInt8(ascii: "["): return start + scan_container(base + start, bytes.count - start)
    default:
      var index = start
      while index < bytes.count {
        switch bytes[index] {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"): return index
        default: index += 1
        }
      }
      return index
    }
  }
}
