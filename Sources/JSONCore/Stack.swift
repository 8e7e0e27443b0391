/// A growable run of values whose tail can be moved out without touching reference counts. Its owner must release it.
struct Stack<Element> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int) {
    base = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  func release() {
    base.deinitialize(count: count)
    base.deallocate()
  }

  @inline(__always)
  mutating func push(_ element: Element) {
    if count == capacity { grow() }
    (base + count).initialize(to: element)
    count += 1
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }

  /// The elements from `start` on as an array of exactly their size.
  @inline(__always)
  mutating func popArray(from start: Int) -> [Element] {
    let length = count - start
    count = start
    if length == 0 { return [] }
    // `Array(unsafeUninitializedCapacity:)` is not specialised for our elements: it would look the type of the array's
    // memory up in a table each time, which takes as long as the rest.
    var result: [Element] = []
    result.reserveCapacity(length)
    for index in start..<start + length { result.append((base + index).move()) }
    return result
  }

  /// Drops the last elements, which somebody else has moved out.
  @inline(__always)
  mutating func forget(_ length: Int) { count -= length }

  @inline(__always)
  mutating func pop() -> Element {
    count -= 1
    return (base + count).move()
  }
}
