import Synchronization
import Values

@testable import HTTPServer

/// Always has one more block.
final class EndlessSource: BodySource {
  private let block: Blob
  private let pulled = Atomic(0)

  init(_ block: Blob) { self.block = block }

  var pulledBytes: Int { pulled.load(ordering: .relaxed) }

  func start(wake: @escaping @Sendable () -> Void) {}

  func pull(limit: Int) -> Pulled {
    pulled.wrappingAdd(block.count, ordering: .relaxed)
    return .chunks([block])
  }

  func cancel() {}
}

/// Sends back what it gets, and says bye.
final class EchoSink: BodySink {
  private let source: ScriptedSource

  init(_ source: ScriptedSource) { self.source = source }

  func receive(_ bytes: [UInt8]) -> Bool {
    source.push([Blob(bytes)])
    return true
  }

  var isFull: Bool { false }

  func end() {
    source.push("bye")
    source.end()
  }
}
