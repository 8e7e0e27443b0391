import JSONCore
import Objects
import Values

enum PersistentVolumeClaimRule: KindRule {
  static func prepareCreate(_ claim: inout JSON, _ context: inout WriteContext) throws(Status) {
    claim["status"] = ["phase": "Pending"]
  }
}

/// Volumes note when their phase last changed.
enum PersistentVolumeRule: KindRule {
  static func prepareCreate(_ volume: inout JSON, _ context: inout WriteContext) throws(Status) {
    volume["status"] = ["phase": "Pending", "lastPhaseTransitionTime": .string(context.now.rfc3339)]
  }

  static func prepareUpdate(_ volume: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status) {
    guard context.subresource == "status" else { return }
    let isChanged = volume["status"]?["phase"] != old["status"]?["phase"]
    let given = volume["status"]?["lastPhaseTransitionTime"]
    if isChanged, given == nil || given == old["status"]?["lastPhaseTransitionTime"] {
      volume["status", default: .emptyObject]["lastPhaseTransitionTime"] = .string(context.now.rfc3339)
    }
  }
}

/// Secrets may be written as text; they are kept and shown in base64 only.
enum SecretRule: KindRule {
  /// Moves `stringData` into `data`, where it wins.
  static func foldText(_ secret: inout JSON) {
    guard let texts = secret["stringData"]?.object else { return }
    secret["stringData"] = nil
    if texts.isEmpty { return }
    secret["data", default: .emptyObject].edit { data in
      for (key, value) in texts { data[key] = .string(Base64.encode(Array((value.string ?? "").utf8))) }
    }
  }
}
