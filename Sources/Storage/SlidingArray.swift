/// An array that grows at its end and shrinks at its start, cheaply at both.
struct SlidingArray<Element> {
  private var elements: [Element] = []
  private var head = 0

  /// The dropped elements at the start are given back when they are this many and more than half.
  private static var slack: Int { 1024 }

  var count: Int { elements.count - head }
  var isEmpty: Bool { count == 0 }
  var first: Element? { isEmpty ? nil : elements[head] }

  subscript(position: Int) -> Element { elements[head + position] }

  subscript(range: Range<Int>) -> ArraySlice<Element> { elements[head + range.lowerBound..<head + range.upperBound] }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func removeFirst(_ count: Int) {
    head += count
    if head > Self.slack && head > elements.count / 2 {
      elements.removeFirst(head)
      head = 0
    }
  }

  /// Takes up to `limit` elements off the start.
  mutating func takeFirst(_ limit: Int) -> [Element] {
    let taken = Array(elements[head..<head + Swift.min(limit, count)])
    removeFirst(taken.count)
    return taken
  }
}

extension SlidingArray: Sendable where Element: Sendable {}
