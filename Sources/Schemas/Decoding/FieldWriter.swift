import JSONCore

/// Puts an object's members together in order, beginning to copy only at the first one that differs from the source.
struct FieldWriter {
  private let source: Members
  private var result = Members()
  private var isChanged = false

  init(_ source: Members) { self.source = source }

  /// The object, when it is another one than it was.
  var changed: JSON? { isChanged ? .object(result) : nil }

  mutating func keep(_ index: Int) {
    if isChanged { result.append(source.key(at: index), source.value(at: index)) }
  }

  mutating func replace(_ index: Int, _ value: JSON) { insert(source.key(at: index), value, before: index) }

  mutating func drop(_ index: Int) { change(at: index) }

  /// - Parameter index: the member of the source that comes next.
  mutating func insert(_ key: String, _ value: JSON, before index: Int) {
    change(at: index)
    result.append(key, value)
  }

  private mutating func change(at index: Int) {
    if isChanged { return }
    isChanged = true
    result.reserveCapacity(source.count + 8)
    for earlier in 0..<index { keep(earlier) }
  }
}
