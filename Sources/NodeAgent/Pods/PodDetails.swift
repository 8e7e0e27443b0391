import JSONCore
import Objects

/// A pod's object, for those who look once: what a node keeps of it (`PodSpecification`) is not all of it.
public struct PodDetails: Sendable {
  public let key: Key
  public let uid: String
  public let json: JSON

  public init(_ object: Object) { self.init(key: object.key, uid: object.uid, json: object.json) }

  public init(key: Key, uid: String, json: JSON) {
    self.key = key
    self.uid = uid
    self.json = json
  }

  var spec: JSON { json["spec"] ?? .emptyObject }

  /// A container as the object has it; an empty object when it has none of this name.
  func container(_ name: String) -> JSON {
    for field in ["containers", "initContainers", "ephemeralContainers"] {
      if let found = spec.list(field).first(where: { $0.text("name") == name }) { return found }
    }
    return .emptyObject
  }
}
