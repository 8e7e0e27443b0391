import JSONCore

/// Puts an object's members together in order, beginning to copy only at the first one that differs from the source.
struct FieldWriter {
  private let sourceKeys: [String]
  private let sourceContents: [JSON]
  private var keys: [String] = []
  private var contents: [JSON] = []
  private var isChanged = false

  init(keys: [String], contents: [JSON]) {
    sourceKeys = keys
    sourceContents = contents
  }

  /// The object, when it is another one than it was.
  var changed: JSON? { isChanged ? .object(Members(sortedKeys: keys, contents: contents)) : nil }

  mutating func keep(_ source: Int) {
    if !isChanged { return }
    keys.append(sourceKeys[source])
    contents.append(sourceContents[source])
  }

  mutating func replace(_ source: Int, _ value: JSON) { insert(sourceKeys[source], value, before: source) }

  mutating func drop(_ source: Int) { change(at: source) }

  /// - Parameter source: the member of the source that comes next.
  mutating func insert(_ key: String, _ value: JSON, before source: Int) {
    change(at: source)
    keys.append(key)
    contents.append(value)
  }

  private mutating func change(at source: Int) {
    if isChanged { return }
    isChanged = true
    keys.reserveCapacity(sourceKeys.count + 8)
    contents.reserveCapacity(sourceKeys.count + 8)
    keys.append(contentsOf: sourceKeys[..<source])
    contents.append(contentsOf: sourceContents[..<source])
  }
}
