import EventLoops

/// State that belongs to a loop: only work on that loop may touch it, which is checked.
public final class Confined<Value>: @unchecked Sendable {
  private let loop: Loop
  private var stored: Value

  public init(_ loop: Loop, _ value: sending Value) {
    self.loop = loop
    stored = value
  }

  public var value: Value {
    _read {
      loop.checkIsolated()
      yield stored
    }
    _modify {
      loop.checkIsolated()
      yield &stored
    }
  }
}
