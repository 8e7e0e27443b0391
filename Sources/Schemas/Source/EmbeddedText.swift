import CResources

/// A piece of a file that is part of the binary; it lives as long as the process, so holding it costs no copy.
struct EmbeddedText: Sendable {
  nonisolated(unsafe) let base: UnsafePointer<UInt8>
  let count: Int

  static let empty = EmbeddedText("")

  init(base: UnsafePointer<UInt8>, count: Int) {
    self.base = base
    self.count = count
  }

  init(_ text: StaticString) {
    self.init(base: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  var string: String { String(decoding: bytes, as: UTF8.self) }

  /// The files of the schema source, in the order of discovery.
  static var schemas: [EmbeddedText] {
    var count = 0
    let files = embeddedSchemas(&count)
    return (0..<count).map { EmbeddedText(base: files[$0].bytes, count: files[$0].length) }
  }

  /// The files of groups that only some clusters have.
  static var additions: [EmbeddedText] {
    var count = 0
    let files = embeddedAdditions(&count)
    return (0..<count).map { EmbeddedText(base: files[$0].bytes, count: files[$0].length) }
  }
}
