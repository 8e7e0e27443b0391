import JSONCore
import Values

extension FieldSet {
  enum Edit {
    case union
    /// Without the very paths of the other set.
    case difference
    /// Without the paths of the other set and all below them.
    case treeDifference
  }

  /// Whether the text of this set has in it none of the path elements in which the paths of the other set end: then they
  /// have no path in common. Most managers have nothing to do with what another one writes.
  func isWithout(_ other: FieldSet) -> Bool {
    guard let text else { return false }
    return Self.isWithout(other.root, text.blob)
  }

  private static func isWithout(_ children: Members, _ text: Blob) -> Bool {
    children.allSatisfy { key, value in
      var name = Writer(capacity: 64)
      name.put(key)
      guard text.contains(name.bytes) else { return true }
      let node = FieldNode(value)
      return !node.isMember && isWithout(node.children, text)
    }
  }

  /// The result of an operation on the text of this set: what the other set does not touch is copied as it is.
  /// - Returns: nil when this set is no text, or one that has to be decoded for it.
  func edited(_ edit: Edit, _ other: FieldSet) -> FieldSet? {
    guard let text else { return nil }
    var editor = FieldSetEditor(edit, capacity: text.blob.count + 64)
    editor.write(RawJSON(text.blob.bytes), FieldNode(children: other.root), isRoot: true)
    return editor.isReadable ? FieldSet(EncodedJSON(editor.out.blob)) : nil
  }
}

/// One operation on a text.
private struct FieldSetEditor: ~Copyable {
  let edit: FieldSet.Edit
  var out: Writer
  /// False once it met a key with escapes that it does not know the order of.
  var isReadable = true

  init(_ edit: FieldSet.Edit, capacity: Int) {
    self.edit = edit
    out = Writer(capacity: capacity)
  }

  /// Writes a node, or nothing when nothing is left of it.
  /// - Returns: whether it wrote.
  @discardableResult
  mutating func write(_ left: RawJSON, _ right: FieldNode, isRoot: Bool = false) -> Bool {
    var members = left.members
    var next = members.next()
    var isMember = next == nil && !isRoot
    if let first = next, first.name.isString(".") {
      isMember = true
      next = members.next()
    }
    switch edit {
    case .union: isMember = isMember || right.isMember
    case .difference: isMember = isMember && !right.isMember
    case .treeDifference: if right.isMember { return false }
    }
    let start = out.count
    out.put(UInt8(ascii: "{"))
    if isMember { out.put(literal: "\".\":{}") }
    let empty = out.count
    var other = 0
    while true {
      let key = other < right.children.count ? right.children[other].key : nil
      let order: Bool? = next.map { left in key.map { precedes(left.name, $0) } ?? true } ?? false
      guard next != nil || key != nil else { break }
      if order == true, let member = next {
        separate(empty, isMember)
        copy(member)
      } else if order == nil, let member = next {
        writeBoth(member, right.children[other].value, empty, isMember)
      } else if let key, edit == .union {
        separate(empty, isMember)
        out.put(key)
        out.put(UInt8(ascii: ":"))
        out.put(right.children[other].value)
      }
      if order != false { next = members.next() }
      if order != true { other += 1 }
    }
    if out.count > empty || isRoot {
      out.put(UInt8(ascii: "}"))
      return true
    }
    out.truncate(to: start)
    if isMember { out.put(literal: "{}") }
    return isMember
  }

  private mutating func writeBoth(
    _ member: (name: RawJSON, value: RawJSON), _ other: JSON, _ empty: Int, _ isMember: Bool
  ) {
    let start = out.count
    separate(empty, isMember)
    out.copy(member.name.wholeText)
    out.put(UInt8(ascii: ":"))
    if !write(member.value, FieldNode(other)) { out.truncate(to: start) }
  }

  private mutating func copy(_ member: (name: RawJSON, value: RawJSON)) {
    out.copy(member.name.wholeText)
    out.put(UInt8(ascii: ":"))
    out.copy(member.value.wholeText)
  }

  /// - Parameter empty: the length of the output before the first member.
  private mutating func separate(_ empty: Int, _ isMember: Bool) {
    if out.count > empty || isMember { out.put(UInt8(ascii: ",")) }
  }

  /// Whether a name in the text comes before a key; nil when it is the key.
  private mutating func precedes(_ name: RawJSON, _ key: String) -> Bool? {
    let text = UnsafeBufferPointer(rebasing: name.wholeText.dropFirst().dropLast())
    var key = key
    var isPlain = true
    let order: Bool? = key.withUTF8 { key in
      var index = 0
      for byte in key {
        if index < text.count, text[index] == UInt8(ascii: "\\") {
          index += 1
          isPlain = isPlain && index < text.count && text[index] == UInt8(ascii: "\"")
        }
        guard index < text.count else { return true }
        if text[index] != byte { return text[index] < byte }
        index += 1
      }
      return index < text.count ? false : nil
    }
    isReadable = isReadable && isPlain
    return order
  }
}
