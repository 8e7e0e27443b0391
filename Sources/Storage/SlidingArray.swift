/// An array that grows at its end and shrinks at its start, cheaply at both.
struct SlidingArray<Element> {
  /// nil before `head`: what an element held on to is let go at once, its place later.
  private var elements: [Element?] = []
  private var head = 0

  /// The dropped elements at the start are given back when they are this many and more than half.
  private static var slack: Int { 1024 }

  var count: Int { elements.count - head }
  var isEmpty: Bool { count == 0 }
  var first: Element? { isEmpty ? nil : elements[head] }

  subscript(position: Int) -> Element {
    guard let element = elements[head + position] else { preconditionFailure("no element at \(position)") }
    return element
  }

  subscript(range: Range<Int>) -> [Element] {
    elements[head + range.lowerBound..<head + range.upperBound].compactMap { $0 }
  }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func removeFirst(_ count: Int) {
    for index in head..<head + count { elements[index] = nil }
    head += count
    if head > Self.slack && head > elements.count / 2 {
      elements.removeFirst(head)
      head = 0
    }
  }

  /// Takes up to `limit` elements off the start.
  mutating func takeFirst(_ limit: Int) -> [Element] {
    let taken = self[0..<Swift.min(limit, count)]
    removeFirst(taken.count)
    return taken
  }

  /// Puts elements before the first.
  mutating func prepend(_ more: [Element]) {
    elements.replaceSubrange(..<head, with: more.map { $0 })
    head = 0
  }
}

extension SlidingArray: Sendable where Element: Sendable {}
