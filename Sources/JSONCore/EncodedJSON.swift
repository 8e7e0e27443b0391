import Glibc
import Synchronization
import Values

/// An object or array inside a stored object whose text is known, and that is decoded only when somebody looks into it.
///
/// Most writes change a label or a condition of an object. What they do not look at costs them no more than a walk over
/// its bytes: it is compared as bytes, and written as bytes.
public final class EncodedJSON: Sendable {
  /// Just what the writer would write for the value, so equal values have equal text.
  public let blob: Blob
  private let decoded = AtomicLazyReference<Decoded>()

  private final class Decoded: Sendable {
    let value: JSON
    init(_ value: JSON) { self.value = value }
  }

  /// - Parameter blob: compact JSON with sorted keys, as this program writes it.
  public init(_ blob: Blob) { self.blob = blob }

  /// The value; decoded once, whoever asks.
  public var value: JSON {
    if let known = decoded.load() { return known.value }
    guard let value = try? JSON.parse(stored: blob.bytes) else { return .null }
    return decoded.storeIfNil(Decoded(value)).value
  }
}

extension EncodedJSON: Equatable {
  public static func == (left: EncodedJSON, right: EncodedJSON) -> Bool { left === right || left.blob == right.blob }
}

extension JSON {
  /// The value itself, for one that may be encoded still.
  @inline(__always)
  var resolved: JSON {
    if case .encoded(let text) = self { return text.value }
    return self
  }
}

// Values are the same whether they are decoded yet or not.
extension JSON: Hashable {
  public static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.double(let left), .double(let right)): left == right
    case (.string(let left), .string(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    case (.encoded(let left), .encoded(let right)): left == right
    case (.encoded(let text), let other), (let other, .encoded(let text)): text.value == other
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .int(let value): hasher.combine(value)
    case .double(let value): hasher.combine(value)
    case .string(let value): hasher.combine(value)
    case .array(let elements): hasher.combine(elements)
    case .object(let members): hasher.combine(members)
    case .encoded(let text): text.value.hash(into: &hasher)
    }
  }
}

extension JSON {
  /// Whether both objects have the same at a key, found out without decoding what is equal anyway.
  public func hasSame(_ key: String, as other: JSON) -> Bool {
    guard let left = object, let right = other.object else { return self[key] == other[key] }
    return left.hasSame(key, as: right)
  }

  /// Takes what another object has at a key, decoded or not.
  public mutating func copy(_ key: String, from other: JSON) {
    guard var members = object, let source = other.object else {
      self[key] = other[key]
      return
    }
    self = .null
    members.copy(key, from: source)
    self = .object(members)
  }

  /// The same object, with those parts taken from `stored` that are equal there and that nobody has looked into: from
  /// then on they are known to be untouched.
  public func sharing(_ stored: JSON) -> JSON {
    guard case .object(var members) = self, let source = stored.object else { return self }
    for index in 0..<members.count {
      guard let text = source.unread(members.key(at: index)), members.value(at: index).isWritten(as: text.blob)
      else { continue }
      members.setValue(.encoded(text), at: index)
    }
    return .object(members)
  }

  /// Whether both are one piece of memory, so that nothing in them can differ. Of equal values that are not, it says false.
  public func isIdentical(to other: JSON) -> Bool {
    switch (self, other) {
    case (.encoded(let left), .encoded(let right)): left === right
    case (.object(let left), .object(let right)): left.storage === right.storage
    case (.array(let left), .array(let right)):
      left.count == right.count
        && left.withUnsafeBufferPointer { left in right.withUnsafeBufferPointer { left.baseAddress == $0.baseAddress } }
    default: false
    }
  }

  private func isWritten(as text: Blob) -> Bool {
    if case .encoded(let own) = self { return own.blob == text }
    var writer = Writer(capacity: text.count + 64)
    writer.put(self)
    guard writer.count == text.count, let written = writer.bytes.baseAddress else { return false }
    return memcmp(written, text.base, text.count) == 0
  }
}
