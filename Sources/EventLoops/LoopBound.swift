/// Carries a value that belongs to one loop through code that runs elsewhere: the box may cross, the value may not.
///
/// Debug builds trap when it is opened on another thread.
public struct LoopBound<Value>: @unchecked Sendable {
  public let loop: Loop
  private let stored: Value

  public init(_ value: Value, loop: Loop) {
    stored = value
    self.loop = loop
  }

  /// The value; to be read on `loop` only.
  public var value: Value {
    assert(loop.isCurrent, "a value of loop \(loop.queue.label) was opened elsewhere")
    return stored
  }
}
