/// A first-in, first-out queue with a limit: it grows as needed up to the limit and then refuses.
public struct RingBuffer<Element> {
  /// The most elements it will hold.
  public let limit: Int
  public private(set) var count = 0

  private var slots: [Element?] = []
  private var head = 0

  public init(limit: Int) {
    precondition(limit > 0, "a ring buffer holds at least one element")
    self.limit = limit
  }

  public var isEmpty: Bool { count == 0 }
  public var isFull: Bool { count == limit }
  public var first: Element? { count == 0 ? nil : slots[head] }

  /// Puts `element` at the end; false, and nothing changed, when the limit is reached.
  public mutating func append(_ element: Element) -> Bool {
    if count == limit { return false }
    if count == slots.count { grow() }
    let end = head + count
    slots[end < slots.count ? end : end - slots.count] = element
    count += 1
    return true
  }

  public mutating func popFirst() -> Element? {
    if count == 0 { return nil }
    defer {
      slots[head] = nil
      head = head + 1 == slots.count ? 0 : head + 1
      count -= 1
    }
    return slots[head]
  }

  public mutating func removeAll() {
    slots = []
    head = 0
    count = 0
  }

  private mutating func grow() {
    let capacity = min(limit, max(4, slots.count * 2))
    slots = Array(slots[head...] + slots[..<head]) + Array(repeating: nil, count: capacity - slots.count)
    head = 0
  }
}

extension RingBuffer: Sendable where Element: Sendable {}
