import JSONCore
import Objects
import Values

/// What controllers ask of a pod again and again, read from its bytes without decoding the whole of it.
public struct PodFacts: Sendable {
  public let object: Object
  public let phase: String
  public let nodeName: String
  public let podIP: String
  public let createdAt: Instant
  public let isBeingDeleted: Bool
  public let isReady: Bool
  /// When the Ready condition last changed.
  public let readySince: Instant?
  /// The UID of the owner with `controller: true`; "" when there is none.
  public let controllerUID: String

  public init(_ object: Object) {
    self.object = object
    let root = RawJSON(object.blob.bytes)
    let metadata = root.member("metadata")
    let status = root.member("status")
    phase = status?.member("phase")?.string ?? ""
    podIP = status?.member("podIP")?.string ?? ""
    nodeName = root.member("spec")?.member("nodeName")?.string ?? ""
    createdAt = metadata?.member("creationTimestamp").flatMap { Instant(rfc3339: $0.string) } ?? .epoch
    isBeingDeleted = metadata?.member("deletionTimestamp") != nil
    var isReady = false
    var readySince: Instant?
    status?.member("conditions")?.forEachElement { condition in
      guard condition.member("type")?.isString("Ready") == true else { return }
      isReady = condition.member("status")?.isString("True") == true
      readySince = condition.member("lastTransitionTime").flatMap { Instant(rfc3339: $0.string) }
    }
    self.isReady = isReady
    self.readySince = readySince
    var controllerUID = ""
    if !object.owners.isEmpty {
      metadata?.member("ownerReferences")?.forEachElement { reference in
        if reference.member("controller")?.isTrue == true { controllerUID = reference.member("uid")?.string ?? "" }
      }
    }
    self.controllerUID = controllerUID
  }

  public var key: Key { object.key }
  public var name: String { object.name }
  public var uid: String { object.uid }

  /// It has run to its end.
  public var isTerminal: Bool { phase == "Succeeded" || phase == "Failed" }

  /// It counts for its controller: neither finished nor on its way out.
  public var isActive: Bool { !isTerminal && !isBeingDeleted }

  /// Ready for at least `minReadySeconds`.
  public func isAvailable(minReadySeconds: Int, at now: Instant) -> Bool {
    if !isReady { return false }
    if minReadySeconds <= 0 { return true }
    guard let readySince else { return false }
    return readySince + .seconds(minReadySeconds) <= now
  }

  /// The restarts of all containers, those of init containers included.
  public var restartCount: Int {
    let status = RawJSON(object.blob.bytes).member("status")
    var sum = 0
    for list in ["initContainerStatuses", "containerStatuses"] as [StaticString] {
      status?.member(list)?.forEachElement { sum += $0.member("restartCount")?.int ?? 0 }
    }
    return sum
  }
}

extension RawJSON {
  /// The number, when this is a plain integer.
  public var int: Int? { decoded()?.int }

  /// Whether this is the word `true`.
  public var isTrue: Bool { bytes.count == 4 && bytes[0] == UInt8(ascii: "t") }
}
