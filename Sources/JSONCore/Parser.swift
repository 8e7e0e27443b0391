import Glibc
import Values

/// Reads JSON with a stack of its own instead of recursion: depth costs memory, never the thread's stack.
///
/// Keys and values of open objects and arrays wait on two stacks; a container that closes moves its part of them into
/// arrays of exactly that size. Whoever makes a parser must release it.
struct Parser {
  let start: UnsafePointer<UInt8>
  let count: Int
  var index = 0
  private var keys = Stack<Key>(capacity: 32)
  private var values = Stack<JSON>(capacity: 32)
  private var frames = Stack<Frame>(capacity: 16)
  private(set) var duplicates: [String] = []

  /// A key, and its first eight bytes as one number that orders as they do.
  struct Key {
    var text: String
    var prefix: UInt64
  }

  /// An open container: where its keys and values start.
  private struct Frame {
    var isObject: Bool
    var keys: Int
    var values: Int
  }

  /// How deep arrays and objects may nest.
  private let maximumDepth: Int

  /// The stored object that is being read.
  private let stored: Blob?
  /// Texts that the one that is being read may well have in it.
  private let known: [Blob]

  init(
    bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int = JSON.maximumDepth, stored: Blob? = nil, known: [Blob] = []
  ) {
    self.maximumDepth = maximumDepth
    self.stored = stored
    self.known = known
    let empty = UnsafePointer<UInt8>(bitPattern: 1).unsafelyUnwrapped
    start = bytes.baseAddress ?? empty
    count = bytes.count
  }

  func release() {
    keys.release()
    values.release()
    frames.release()
  }

  mutating func document() throws(JSONError) -> JSON {
    skipSpace()
    while true {
      let opened = try value()
      if let opened {
        values.push(opened)
        if try close() { break }
      }
    }
    skipSpace()
    if index < count { throw failure("invalid character \(shown) after top-level value") }
    return values.pop()
  }

  /// Reads a scalar or an empty container; nil when a container was opened and its first value is next.
  @inline(__always)
  private mutating func value() throws(JSONError) -> JSON? {
    guard index < count else { throw failure("unexpected end of JSON input") }
    switch start[index] {
    case UInt8(ascii: "{"): return try open(isObject: true)
    case UInt8(ascii: "["): return try open(isObject: false)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), 48...57: return try number()
    default: throw failure("invalid character \(shown) looking for beginning of value")
    }
  }

  private mutating func open(isObject: Bool) throws(JSONError) -> JSON? {
    if frames.count >= maximumDepth { throw failure("exceeded max depth") }
    if let text = unreadText() { return .encoded(EncodedJSON(text)) }
    index += 1
    skipSpace()
    if take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { return isObject ? .emptyObject : .array([]) }
    frames.push(Frame(isObject: isObject, keys: keys.count, values: values.count))
    if isObject { try key() }
    return nil
  }

  /// The text of a container that need not be looked into yet; nil for one that is to be read now.
  @inline(__always)
  private mutating func unreadText() -> Blob? {
    guard frames.count > 0, frames.base[frames.count - 1].isObject else { return nil }
    let key = keys.base[keys.count - 1]
    let isFieldSet = key.prefix == Self.fieldSetPrefix && key.text.utf8.count == 8
    guard isFieldSet || frames.count == 1 && key.prefix != Self.metadataPrefix else { return nil }
    guard let stored else { return knownText() ?? (isFieldSet ? canonicalFieldSet() : nil) }
    let end = RawJSON.endOfValue(stored.bytes, index)
    guard end - index >= Self.leastUnread else { return nil }
    defer { index = end }
    return Blob(stored, index..<end)
  }

  /// The text that a client got from us and sends back as it was.
  private mutating func knownText() -> Blob? {
    for text in known where text.count <= count - index && memcmp(text.base, start + index, text.count) == 0 {
      index += text.count
      return text
    }
    return nil
  }

  /// A field set that a client sent, if it has the form in which this program writes them.
  private mutating func canonicalFieldSet() -> Blob? {
    var reader = FieldSetText(bytes: UnsafeBufferPointer(start: start, count: count), index: index)
    guard reader.skip(), reader.index - index >= Self.leastUnread else { return nil }
    defer { index = reader.index }
    return Blob(UnsafeBufferPointer(start: start + index, count: reader.index - index))
  }

  /// Shorter texts are decoded at once: to remember them costs as much.
  static let leastUnread = 96
  /// `fieldsV1` and `metadata`, as `Key.prefix` has them.
  private static let fieldSetPrefix: UInt64 = 0x6669_656c_6473_5631
  private static let metadataPrefix: UInt64 = 0x6d65_7461_6461_7461

  /// After a value: reads on to the next one, closing the containers that end here.
  /// - Returns: whether the document is complete.
  private mutating func close() throws(JSONError) -> Bool {
    while frames.count > 0 {
      skipSpace()
      let isObject = frames.base[frames.count - 1].isObject
      if take(UInt8(ascii: ",")) {
        skipSpace()
        if isObject { try key() }
        return false
      }
      guard take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
        throw unexpected(isObject ? "after object key:value pair" : "after array element")
      }
      let frame = frames.pop()
      values.push(isObject ? .object(members(frame)) : .array(values.popArray(from: frame.values)))
    }
    return true
  }

  private mutating func key() throws(JSONError) {
    guard index < count else { throw failure("unexpected end of JSON input") }
    guard start[index] == UInt8(ascii: "\"") else {
      throw failure("invalid character \(shown) looking for beginning of object key string")
    }
    keys.push(try keyString())
    skipSpace()
    guard take(UInt8(ascii: ":")) else { throw unexpected("after object key") }
    skipSpace()
  }

  /// Moves the members of a closing object out, in the order of their keys.
  private mutating func members(_ frame: Frame) -> Members {
    let length = keys.count - frame.keys
    let first = keys.base + frame.keys
    for position in stride(from: 1, to: length, by: 1) where !Self.precedes(first[position - 1], first[position]) {
      return sortedMembers(frame)
    }
    let storage = MemberStorage.make(capacity: length)
    let (entries, contents) = (storage.entries, values.base + frame.values)
    for position in 0..<length {
      let key = (first + position).move()
      let member = Member(key: key.text, prefix: key.prefix, value: (contents + position).move())
      (entries + position).initialize(to: member)
    }
    storage.header.count = length
    keys.forget(length)
    values.forget(length)
    return Members(storage)
  }

  private mutating func sortedMembers(_ frame: Frame) -> Members {
    let names = keys.popArray(from: frame.keys)
    let contents = values.popArray(from: frame.values)
    let order = names.indices.sorted { left, right in
      Self.precedes(names[left], names[right]) || (!Self.precedes(names[right], names[left]) && left < right)
    }
    var result = Members()
    result.reserveCapacity(order.count)
    for position in order {
      guard let last = result.lastKey, keyOrder(last, names[position].text) == nil else {
        result.append(names[position].text, contents[position])
        continue
      }
      duplicates.append(path(to: last))
      result.replaceLast(contents[position])
    }
    return result
  }

  @inline(__always)
  private static func precedes(_ left: Key, _ right: Key) -> Bool {
    left.prefix == right.prefix ? keyOrder(left.text, right.text) == true : left.prefix < right.prefix
  }

  /// The path of a key in the object that is just closing: `spec.containers[0].name`.
  private func path(to key: String) -> String {
    var path = ""
    for depth in 0..<frames.count {
      let frame = frames.base[depth]
      if frame.isObject {
        // The key whose value is being read is the last one this object has so far.
        let end = depth + 1 < frames.count ? frames.base[depth + 1].keys : keys.count
        path += (path.isEmpty ? "" : ".") + keys.base[end - 1].text
      } else {
        let end = depth + 1 < frames.count ? frames.base[depth + 1].values : values.count
        path += "[\(end - frame.values)]"
      }
    }
    return path.isEmpty ? key : path + "." + key
  }

  @inline(__always)
  mutating func skipSpace() {
    while index < count {
      switch start[index] {
      case 32, 9, 10, 13: index += 1
      default: return
      }
    }
  }

  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard index < count, start[index] == byte else { return false }
    index += 1
    return true
  }

  var shown: String { index < count ? "'\(Character(Unicode.Scalar(start[index])))'" : "at the end" }

  func unexpected(_ place: String) -> JSONError {
    index < count ? failure("invalid character \(shown) \(place)") : failure("unexpected end of JSON input")
  }

  func failure(_ message: String) -> JSONError { JSONError(message: message, offset: index) }
}
