import JSONCore
import Values

/// Where the large parts of an object begin in its text: everybody who looks at a change asks for one of them, and to find
/// it anew would be a walk over those before it.
struct Sections: Sendable {
  /// Bytes from the start; 0 for a part that is not there.
  var metadata: UInt32 = 0
  var spec: UInt32 = 0
  var status: UInt32 = 0

  init() {}

  /// - Parameter blob: an object as it is stored.
  init(of blob: Blob) {
    RawJSON(blob.bytes).forEachMember { name, value in
      guard let start = value.wholeText.baseAddress else { return }
      let place = start - blob.base
      if name.isString("metadata") { note("metadata", at: place) }
      if name.isString("spec") { note("spec", at: place) }
      if name.isString("status") { note("status", at: place) }
    }
  }

  /// Notes where the value of a member of the object begins.
  mutating func note(_ member: String, at place: Int) {
    switch member {
    case "metadata": metadata = UInt32(clamping: place)
    case "spec": spec = UInt32(clamping: place)
    case "status": status = UInt32(clamping: place)
    default: break
    }
  }

  /// After text of `count` bytes has come in at `gap`, or gone from it where `count` is negative.
  func moved(behind gap: Int, by count: Int) -> Sections {
    func moved(_ place: UInt32) -> UInt32 { place > gap ? UInt32(clamping: Int(place) + count) : place }
    var result = self
    result.metadata = moved(metadata)
    result.spec = moved(spec)
    result.status = moved(status)
    return result
  }

  /// - Parameter place: one of the above.
  func text(_ place: UInt32, in blob: Blob) -> RawJSON? {
    if place == 0 || place >= blob.count { return nil }
    return RawJSON(UnsafeBufferPointer(rebasing: blob.bytes[Int(place)...]))
  }
}
